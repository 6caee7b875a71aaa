#include "coordinator/web/sql_answers.h"

#include <cmath>
#include <map>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/clock.h"
#include "common/spec/fields.h"
#include "coordinator/store/cookbook/cookbook.h"
#include "coordinator/store/cookbook/sql_parameters.h"
#include "coordinator/store/sqlite/user_query.h"
#include "coordinator/web/json_answer.h"

namespace firstguess {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kMostUnderWay = 2;
constexpr size_t kMostRows = 1'000;             // that a page shows
constexpr size_t kMostBytes = size_t{1} << 20;  // of them, about
const sqlite::QueryLimits kLimits = {.time = absl::Seconds(10)};

// Integers that JavaScript's numbers can't hold, and blobs, are text.
Json ValueJson(const sqlite::QueryValue& value) {
  if (const auto* integer = std::get_if<int64_t>(&value)) {
    if (*integer > kMaxInteger || *integer < -kMaxInteger) return std::to_string(*integer);
    return *integer;
  }
  if (const auto* real = std::get_if<double>(&value)) {
    return std::isfinite(*real) ? Json(*real) : Json(absl::StrCat(*real));
  }
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* blob = std::get_if<sqlite::QueryBlob>(&value)) {
    return absl::BytesToHexString(blob->bytes);
  }
  return {};
}

size_t BytesOf(const sqlite::QueryValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return text->size();
  if (const auto* blob = std::get_if<sqlite::QueryBlob>(&value)) return 2 * blob->bytes.size();
  return sizeof(double);
}

// Keeps as many rows as a page can show.
class ShownRows final : public sqlite::QuerySink {
 public:
  void Columns(const std::vector<std::string>& names) override { columns_ = names; }

  bool Row(const std::vector<sqlite::QueryValue>& values) override {
    if (rows_.size() == kMostRows || bytes_ > kMostBytes) {
      has_more_ = true;
      return false;
    }
    Json row = Json::array();
    for (const sqlite::QueryValue& value : values) {
      bytes_ += BytesOf(value);
      row.push_back(ValueJson(value));
    }
    rows_.push_back(std::move(row));
    return true;
  }

  Json Take(absl::Duration taken) {
    return {{"columns", columns_},
            {"rows", std::move(rows_)},
            {"has_more", has_more_},
            {"seconds", absl::ToDoubleSeconds(taken)}};
  }

 private:
  std::vector<std::string> columns_;
  Json rows_ = Json::array();
  size_t bytes_ = 0;
  bool has_more_ = false;
};

absl::StatusOr<std::string> Statement(const HttpServer::Request& request) {
  const absl::StatusOr<nlohmann::json> body = JsonBody(request);
  if (!body.ok()) return body.status();
  std::map<std::string, std::string> values;
  const auto said = body->find("values");
  if (said != body->end() && said->is_object()) {
    for (const auto& [name, value] : said->items()) {
      if (value.is_string()) values[name] = SqlLiteral(value.get<std::string>());
    }
  }
  // The cookbook's own defaults are SQL.
  if (const Recipe* recipe = FindRecipe(Text(*body, "recipe"))) {
    for (const RecipeParameter& parameter : recipe->parameters) {
      const std::string name(parameter.name);
      if (!parameter.default_sql.empty()) {
        values.try_emplace(name, std::string(parameter.default_sql));
      }
    }
  }
  return WithParameters(Text(*body, "sql"), values);
}

}  // namespace

HttpServer::Answer SqlAnswers::Answer(const HttpServer::Request& request) {
  const absl::StatusOr<std::string> sql = Statement(request);
  if (!sql.ok()) return ErrorAnswer(sql.status());
  if (++under_way_ > kMostUnderWay) {
    --under_way_;
    return ErrorAnswer(absl::UnavailableError(absl::StrCat(
        kMostUnderWay, " other queries are being answered: try again when they are over")));
  }
  ShownRows rows;
  const absl::Duration begin = RealClock()->MonotonicNow();
  const absl::Status status = sqlite::RunUserQuery(database_, *sql, kLimits, &rows);
  --under_way_;
  if (!status.ok()) return ErrorAnswer(status);
  return JsonAnswer(rows.Take(RealClock()->MonotonicNow() - begin));
}

HttpServer::Answer CookbookAnswer() {
  Json recipes = Json::array();
  for (const Recipe& recipe : Cookbook()) {
    Json parameters = Json::array();
    for (const RecipeParameter& parameter : recipe.parameters) {
      parameters.push_back({{"name", std::string(parameter.name)},
                            {"required", parameter.default_sql.empty()},
                            {"meaning", std::string(parameter.meaning)}});
    }
    recipes.push_back({{"name", std::string(recipe.name)},
                       {"question", std::string(recipe.question)},
                       {"parameters", std::move(parameters)},
                       {"sql", std::string(recipe.sql)}});
  }
  return JsonAnswer({{"cookbook", std::move(recipes)}});
}

}  // namespace firstguess
