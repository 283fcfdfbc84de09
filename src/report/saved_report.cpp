// Reads what render_json.cpp writes. A damaged or strange file can do no more than say little: fields of a wrong type
// read as empty.
#include "report/saved_report.h"

#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include <nlohmann/json.hpp>

#include "base/bytes.h"

namespace lambdapack {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kReportBytes = 256 << 20;  // more than a package with 500,000 files gives

std::string text_at(const Json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  const auto* text = found == object.end() ? nullptr : found->get_ptr<const Json::string_t*>();
  return text != nullptr ? *text : std::string();
}

std::uint64_t number_at(const Json& object, const char* key) {
  if (!object.is_object()) return 0;
  const auto found = object.find(key);
  return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

const Json& child(const Json& object, const char* key) {
  static const Json nothing;
  if (!object.is_object()) return nothing;
  const auto found = object.find(key);
  return found == object.end() ? nothing : *found;
}

// The raw bytes when the path is no UTF-8.
std::string path_at(const Json& object, const char* key) {
  const std::string hex = text_at(object, (std::string(key) + "_hex").c_str());
  std::string bytes;
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(digit(hex[i]) << 4 | digit(hex[i + 1]));
  return hex.empty() ? text_at(object, key) : bytes;
}

Severity severity_at(const Json& object) {
  const std::string text = text_at(object, "severity");
  return text == "error" ? Severity::error : text == "warning" ? Severity::warning : Severity::info;
}

bool flag_at(const Json& object, const char* key) {
  const Json& value = child(object, key);
  return value.is_boolean() && value.get<bool>();
}

double ratio_at(const Json& object, const char* key) {
  const Json& value = child(object, key);
  return value.is_number() ? value.get<double>() : 0;
}

template <class Function>
void for_each_in(const Json& list, Function&& read) {
  if (!list.is_array()) return;
  for (const Json& element : list) read(element);
}

PackageSize size_at(const Json& size) {
  return {number_at(size, "files"), number_at(size, "unpacked_bytes"), number_at(size, "zip_bytes"),
          ratio_at(size, "zip_error"), text_at(size, "code_sha256")};
}

FileDecision decision_at(const Json& decision) {
  return {path_at(decision, "path"),    text_at(decision, "action"),     text_at(decision, "rule"),
          text_at(decision, "reason"),  text_at(decision, "confidence"), number_at(decision, "size"),
          number_at(decision, "saved"), flag_at(decision, "applied")};
}

Finding finding_at(const Json& finding) {
  return {text_at(finding, "code"),   severity_at(finding),        path_at(finding, "path"),
          text_at(finding, "detail"), text_at(finding, "message"), text_at(finding, "help")};
}

}  // namespace

Result<std::optional<std::string>> find_saved_report(const std::string& path) {
  struct stat status{};
  if (path == "-" || ::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  if (file.peek() != '{') return std::nullopt;
  if (static_cast<std::uint64_t>(status.st_size) > kReportBytes)
    return fail(printable(path), "is larger than any report", "give a package, or a report that lambdapack wrote");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) return fail(printable(path), "cannot be read");
  return text;
}

Result<Report> read_saved_report(const std::string& name, std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !text_at(json, "schema").starts_with("lambdapack-report/"))
    return fail(name, "is no report of lambdapack", "save one with pack --report FILE, or analyze --format json");
  const Json& files = child(json, "files");
  if (!files.is_array())
    return fail(name, "is a report without the list of files", "make it anew with this lambdapack");
  Report report;
  report.command = text_at(json, "command");
  report.source = path_at(json, "source");
  report.arch = text_at(child(json, "function"), "arch");
  report.runtime = text_at(child(json, "function"), "runtime");
  report.before = size_at(child(json, "before"));
  if (const Json& after = child(json, "after"); after.is_object()) report.after = size_at(after);
  for_each_in(files, [&](const Json& file) {
    report.files.push_back(
        {path_at(file, "path"), text_at(file, "owner"), text_at(file, "owner_version"), number_at(file, "size")});
  });
  for_each_in(child(json, "decisions"), [&](const Json& each) { report.decisions.push_back(decision_at(each)); });
  for_each_in(child(json, "findings"), [&](const Json& each) { report.findings.push_back(finding_at(each)); });
  return report;
}

}  // namespace lambdapack
