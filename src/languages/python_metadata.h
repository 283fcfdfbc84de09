// The text files of a *.dist-info folder, parsed from memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "languages/language_view.h"

namespace lambdapack {

// PEP 503: lower case, every run of "-", "_" and "." one "-".
std::string normalise_distribution_name(std::string_view name);

struct PythonMetadata {
  std::string name, version;  // as written; empty when missing
  std::vector<Requirement> requirements;
};

// METADATA or PKG-INFO: RFC 822 headers, folded or not, up to the first empty line.
PythonMetadata parse_python_metadata(std::string_view text);

// requires.txt of an egg-info: one requirement a line, "[extra]" sections.
std::vector<Requirement> parse_egg_requires(std::string_view text);

// The values of WHEEL's Tag headers: "cp312-cp312-manylinux_2_17_x86_64".
std::vector<std::string> parse_wheel_tags(std::string_view text);

// entry_points.txt: "[group]" sections of "name = module:attribute [extra]". The value is without extras.
std::vector<EntryPoint> parse_entry_points(std::string_view text);

struct RecordEntry {
  std::string path;                   // as written
  std::string sha256;                 // URL-safe base64 without padding; empty when there is none
  std::optional<std::uint64_t> size;  // bytes
};

// RECORD: CSV, three fields a line, quoted as RFC 4180 says. Lines that are not that are left out.
std::vector<RecordEntry> parse_record(std::string_view text);

// The lines of a text file without line ends ("\n" or "\r\n") and without empty ones.
std::vector<std::string_view> non_empty_lines(std::string_view text);

std::string_view trimmed(std::string_view text);  // without blanks and tabs at both ends

}  // namespace lambdapack
