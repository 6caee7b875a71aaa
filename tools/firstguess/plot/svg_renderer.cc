#include "tools/firstguess/plot/svg_renderer.h"

#include <duktape.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/page/chart_library.h"
#include "tools/firstguess/plot/chart_scripts.h"

namespace firstguess {
namespace {

struct DestroyHeap {
  void operator()(duk_context* context) const { duk_destroy_heap(context); }
};
using Interpreter = std::unique_ptr<duk_context, DestroyHeap>;

// Takes the error off the interpreter's stack.
absl::Status ErrorOf(duk_context* context, absl::string_view script) {
  const absl::Status status = absl::InternalError(
      absl::StrCat("drawing failed in ", script, ": ", duk_safe_to_string(context, -1)));
  duk_pop(context);
  return status;
}

absl::Status Run(duk_context* context, absl::string_view script, absl::string_view name) {
  if (duk_peval_lstring_noresult(context, script.data(), script.size()) != 0) {
    return absl::InternalError(absl::StrCat("the script ", name, " can't be run"));
  }
  return absl::OkStatus();
}

void PushJson(duk_context* context, const nlohmann::json& value) {
  const std::string text = value.dump();
  duk_push_lstring(context, text.data(), text.size());
  duk_json_decode(context, -1);
}

}  // namespace

absl::StatusOr<std::string> RenderSvg(const nlohmann::json& request, const nlohmann::json& report) {
  const Interpreter interpreter(duk_create_heap_default());
  if (interpreter == nullptr) return absl::ResourceExhaustedError("out of memory");
  duk_context* const context = interpreter.get();
  if (absl::Status status = Run(context, ChartScripts(), "of the charts"); !status.ok()) {
    return status;
  }
  if (absl::Status status = Run(context, ChartLibrary(), "echarts"); !status.ok()) return status;
  duk_get_global_string(context, "plot");
  PushJson(context, request);
  PushJson(context, report);
  if (duk_pcall(context, 2) != DUK_EXEC_SUCCESS) return ErrorOf(context, "plot");
  size_t size = 0;
  const char* svg = duk_get_lstring(context, -1, &size);
  if (svg == nullptr) return absl::InternalError("drawing gave no text");
  return std::string(svg, size);
}

}  // namespace firstguess
