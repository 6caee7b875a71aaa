#include "common/spec/yaml_tree.h"

#include <sstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/spec/utf8.h"
#include "yaml-cpp/depthguard.h"
#include "yaml-cpp/eventhandler.h"
#include "yaml-cpp/exceptions.h"
#include "yaml-cpp/parser.h"

namespace firstguess {
namespace {

constexpr size_t kMostBytes = 1 << 20;
constexpr size_t kDeepest = 32;

using Kind = YamlNode::Kind;

Place PlaceOf(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return {.line = mark.line + 1, .column = mark.column + 1};
}

// Builds the tree from the parser's events. A node under construction lies on `open_` and moves
// into its parent when it is complete.
class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(SpecErrors& errors) : errors_(errors) {}

  void OnDocumentStart(const YAML::Mark& mark) override { document_ = PlaceOf(mark); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { Leaf(Kind::kNull, mark); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    errors_.Add(PlaceOf(mark), "aliases are not supported: write the value out");
    Leaf(Kind::kInvalid, mark);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& value) override {
    if (too_deep_ > 0) return;
    YamlNode node = Node(Kind::kScalar, mark, tag);
    node.text = value;
    node.quoted = tag == "!";
    Complete(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    Open(Kind::kSequence, mark, tag);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    Open(Kind::kMap, mark, tag);
  }
  void OnMapEnd() override { Close(); }

  bool refused_depth() const { return refused_depth_; }
  Place document() const { return document_; }
  YamlNode TakeRoot() { return std::move(root_); }

  // Where the innermost open list or map began, if any.
  std::optional<Place> InnermostOpen(Kind kind) const {
    for (auto open = open_.rbegin(); open != open_.rend(); ++open) {
      if (open->node_kind == kind) return open->node.place;
    }
    return std::nullopt;
  }

 private:
  struct OpenNode {
    YamlNode node;
    Kind node_kind;               // what it is by syntax; `node` may be kInvalid
    std::optional<YamlNode> key;  // of the map entry whose value comes next
  };

  YamlNode Node(Kind kind, const YAML::Mark& mark, const std::string& tag) {
    YamlNode node;
    node.kind = kind;
    node.place = PlaceOf(mark);
    // "?" and "!" are what the parser makes of untagged plain and quoted text.
    if (!tag.empty() && tag != "?" && tag != "!") {
      errors_.Add(node.place, absl::StrCat("tags are not supported: remove ", Shown(tag)));
      node.kind = Kind::kInvalid;
    }
    return node;
  }

  void Leaf(Kind kind, const YAML::Mark& mark) {
    if (too_deep_ == 0) Complete(Node(kind, mark, ""));
  }

  void Open(Kind kind, const YAML::Mark& mark, const std::string& tag) {
    if (too_deep_ == 0 && open_.size() < kDeepest) {
      open_.push_back({.node = Node(kind, mark, tag), .node_kind = kind, .key = std::nullopt});
      return;
    }
    if (!std::exchange(refused_depth_, true)) {
      errors_.Add(PlaceOf(mark), absl::StrCat("nested deeper than ", kDeepest, " levels"));
    }
    ++too_deep_;
  }

  void Close() {
    if (too_deep_ > 0) {
      // The outermost of what was too deep leaves one node in its place.
      if (--too_deep_ > 0) return;
      YamlNode invalid;
      invalid.kind = Kind::kInvalid;
      Complete(std::move(invalid));
      return;
    }
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    Complete(std::move(node));
  }

  void Complete(YamlNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    OpenNode& parent = open_.back();
    if (parent.node_kind == Kind::kSequence) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.key.has_value()) {
      parent.key = std::move(node);
    } else {
      AddEntry(parent.node, *std::exchange(parent.key, std::nullopt), std::move(node));
    }
  }

  void AddEntry(YamlNode& map, const YamlNode& key, YamlNode value) {
    // The parser puts an absent value where the next thing begins.
    if (value.kind == Kind::kNull) value.place = key.place;
    if (key.kind == Kind::kScalar) {
      map.entries.push_back({.key = key.text, .place = key.place, .value = std::move(value)});
    } else if (key.kind != Kind::kInvalid) {
      errors_.Add(key.place, "a key must be a word");
    }
  }

  SpecErrors& errors_;
  std::vector<OpenNode> open_;
  YamlNode root_;
  Place document_;
  size_t too_deep_ = 0;  // open nodes beyond the deepest allowed
  bool refused_depth_ = false;
};

// The parser names the start of the file where a bracket is never closed.
void AddSyntaxError(const YAML::Exception& error, const TreeBuilder& builder, SpecErrors& errors) {
  std::optional<Place> open;
  if (absl::StartsWith(error.msg, "end of sequence flow")) {
    open = builder.InnermostOpen(Kind::kSequence);
  } else if (absl::StartsWith(error.msg, "end of map flow")) {
    open = builder.InnermostOpen(Kind::kMap);
  }
  if (open.has_value()) {
    errors.Add(*open, "not YAML: what opens here is not closed");
  } else {
    errors.Add(PlaceOf(error.mark), absl::StrCat("not YAML: ", error.msg));
  }
}

bool CheckText(absl::string_view text, SpecErrors& errors) {
  if (text.size() > kMostBytes) {
    errors.Add({}, absl::StrCat("larger than ", kMostBytes, " bytes"));
    return false;
  }
  if (const std::optional<size_t> bad = FindInvalidUtf8(text)) {
    errors.Add(PlaceAt(text, *bad), "not UTF-8");
    return false;
  }
  for (size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = text[i];
    if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f) {
      errors.Add(PlaceAt(text, i), "a control character");
      return false;
    }
  }
  return true;
}

}  // namespace

std::optional<YamlNode> ParseYaml(absl::string_view text, SpecErrors& errors) {
  if (!CheckText(text, errors)) return std::nullopt;
  std::istringstream stream{std::string(text)};
  TreeBuilder builder(errors);
  try {
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    YamlNode root = builder.TakeRoot();
    TreeBuilder second(errors);
    if (parser.HandleNextDocument(second)) {
      errors.Add(second.document(), "a second document starts here; a sweep file holds one");
      return std::nullopt;
    }
    return root;
  } catch (const YAML::DeepRecursion&) {
    if (!builder.refused_depth()) errors.Add({}, "nested too deep");
  } catch (const YAML::Exception& error) {
    AddSyntaxError(error, builder, errors);
  } catch (const std::exception& error) {
    errors.Add({}, absl::StrCat("not YAML: ", error.what()));
  }
  return std::nullopt;
}

}  // namespace firstguess
