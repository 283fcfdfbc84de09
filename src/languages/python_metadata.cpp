// What does a dist-info folder say? Formats: "Core metadata specifications" and "Recording installed projects" of
// packaging.python.org. All of it was written by other people's tools: fields may be missing, doubled or cut off, and a
// line that cannot be read is skipped, because what is unknown is kept.

#include "languages/python_metadata.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <functional>

namespace lambdapack {

namespace {

bool same_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

// Calls header(name, value) for every header before the body; folded lines are joined with a blank.
void for_each_header(std::string_view text, const std::function<void(std::string_view, std::string_view)>& header) {
  std::string name, value;
  const auto finish = [&] {
    if (!name.empty()) header(name, trimmed(value));
    name.clear();
  };
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) break;
    if (line.front() == ' ' || line.front() == '\t') {
      value += ' ';
      value += trimmed(line);
      continue;
    }
    finish();
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    name = line.substr(0, colon);
    value = line.substr(colon + 1);
  }
  finish();
}

// "urllib3[secure] (<1.27,>=1.25.4) ; python_version < '3.10'"
std::optional<Requirement> parse_requirement(std::string_view text) {
  text = trimmed(text.substr(0, text.find(';')));
  std::size_t end = 0;
  while (end < text.size() &&
         (std::isalnum(static_cast<unsigned char>(text[end])) || std::string_view("._-").contains(text[end])))
    ++end;
  if (end == 0) return std::nullopt;
  Requirement requirement{.name = normalise_distribution_name(text.substr(0, end)), .specifier = {}};
  text = trimmed(text.substr(end));
  if (text.starts_with('[')) text = trimmed(text.substr(std::min(text.find(']'), text.size() - 1) + 1));
  requirement.specifier = text;
  return requirement;
}

// One field of a CSV line, taken off the front of text together with the comma after it. Quoted fields may hold line
// ends.
std::string take_field(std::string_view& text) {
  std::string field;
  if (text.starts_with('"')) {
    text.remove_prefix(1);
    while (!text.empty()) {
      const char c = text.front();
      text.remove_prefix(1);
      if (c != '"') {
        field += c;
      } else if (text.starts_with('"')) {
        field += '"';
        text.remove_prefix(1);
      } else {
        break;
      }
    }
  }
  const std::size_t end = std::min(text.find_first_of(",\r\n"), text.size());
  field += text.substr(0, end);
  text.remove_prefix(end);
  return field;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::vector<std::string_view> non_empty_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (const std::string_view line = trimmed(text.substr(0, end)); !line.empty()) lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string normalise_distribution_name(std::string_view name) {
  std::string normal;
  for (const char c : name) {
    if (c == '-' || c == '_' || c == '.') {
      if (!normal.ends_with('-')) normal += '-';
    } else {
      normal += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return normal;
}

PythonMetadata parse_python_metadata(std::string_view text) {
  PythonMetadata metadata;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  for_each_header(text, [&](std::string_view name, std::string_view value) {
    if (same_ignoring_case(name, "Name") && metadata.name.empty()) metadata.name = value;
    if (same_ignoring_case(name, "Version") && metadata.version.empty()) metadata.version = value;
    if (same_ignoring_case(name, "Requires-Dist"))
      if (auto requirement = parse_requirement(value)) metadata.requirements.push_back(std::move(*requirement));
  });
  return metadata;
}

std::vector<Requirement> parse_egg_requires(std::string_view text) {
  std::vector<Requirement> requirements;
  for (const std::string_view line : non_empty_lines(text)) {
    if (line.starts_with('[') || line.starts_with('#')) continue;
    if (auto requirement = parse_requirement(line)) requirements.push_back(std::move(*requirement));
  }
  return requirements;
}

std::vector<std::string> parse_wheel_tags(std::string_view text) {
  std::vector<std::string> tags;
  for_each_header(text, [&](std::string_view name, std::string_view value) {
    if (same_ignoring_case(name, "Tag")) tags.emplace_back(value);
  });
  return tags;
}

std::vector<EntryPoint> parse_entry_points(std::string_view text) {
  std::vector<EntryPoint> points;
  std::string_view group;
  for (const std::string_view line : non_empty_lines(text)) {
    if (line.starts_with('#') || line.starts_with(';')) continue;
    if (line.starts_with('[')) {
      group = trimmed(line.substr(1, std::min(line.find(']'), line.size()) - 1));
      continue;
    }
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos || group.empty()) continue;
    const std::string_view value = line.substr(equals + 1);
    points.push_back({std::string(group), std::string(trimmed(line.substr(0, equals))),
                      std::string(trimmed(value.substr(0, value.find('['))))});
  }
  return points;
}

std::vector<RecordEntry> parse_record(std::string_view text) {
  std::vector<RecordEntry> entries;
  while (!text.empty()) {
    RecordEntry entry;
    entry.path = take_field(text);
    std::string rest[2];
    for (std::string& field : rest) {
      if (!text.starts_with(',')) break;
      text.remove_prefix(1);
      field = take_field(text);
    }
    const std::size_t line_end = text.find('\n');
    text.remove_prefix(line_end == std::string_view::npos ? text.size() : line_end + 1);
    if (entry.path.empty()) continue;
    if (rest[0].starts_with("sha256=")) entry.sha256 = rest[0].substr(std::string_view("sha256=").size());
    std::uint64_t size = 0;
    const auto [end, error] = std::from_chars(rest[1].data(), rest[1].data() + rest[1].size(), size);
    if (error == std::errc{} && end == rest[1].data() + rest[1].size() && !rest[1].empty()) entry.size = size;
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace lambdapack
