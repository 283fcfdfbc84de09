// Files are matched by path first. What is left is matched by its neutral name, so that the x86_64 build of a wheel and
// its aarch64 build differ only where one has a file that the other has not.
#include "report/diff.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

namespace lambdapack {
namespace {

// Whole words of the two architectures in names of wheels, npm packages, jars, Debian folders. The longest first.
constexpr std::array<std::string_view, 8> kArchWords = {"x86_64", "x86-64", "aarch64", "aarch_64",
                                                        "amd64",  "arm64",  "x64",     "linux64"};

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_hash(std::string_view text) {
  return text.size() == 8 &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// auditwheel renames what it copies into NAME.libs/: "libgfortran-040039e1.so.5.0.0" (auditwheel, repair.py).
std::string without_hash(std::string path) {
  const std::size_t slash = path.rfind('/');
  const std::size_t name = slash == std::string::npos ? 0 : slash + 1;
  if (!std::string_view(path).substr(0, name).ends_with(".libs/")) return path;
  // A library that was repaired twice has two: "libgfortran-040039e1-0352e75f.so.5.0.0".
  for (std::size_t dash = path.find('-', name); dash != std::string::npos; dash = path.find('-', dash + 1))
    if (is_hash(std::string_view(path).substr(dash + 1, 8)) &&
        (dash + 9 == path.size() || !is_word_character(path[dash + 9])))
      path.replace(dash + 1, 8, "{hash}");
  return path;
}

std::string group_name(const FileLine& file) {
  if (!file.owner.empty()) return neutral_name(file.owner);
  const std::size_t slash = file.path.find('/');
  return slash == std::string::npos ? "files at the top" : neutral_name(file.path.substr(0, slash + 1));
}

using Places = std::map<std::string, std::vector<std::size_t>>;

class Matching {
 public:
  Matching(const std::vector<FileLine>& a, const std::vector<FileLine>& b) : a_(a), b_(b), used_(b.size()) {}

  void run(PackageDiff& diff) {
    std::vector<std::size_t> left;
    Places by_path = places([](const FileLine& file) { return file.path; });
    for (std::size_t i = 0; i < a_.size(); ++i)
      if (!take(by_path, a_[i].path, i, diff)) left.push_back(i);
    Places by_name = places([](const FileLine& file) { return neutral_name(file.path); });
    for (const std::size_t i : left) {
      if (take(by_name, neutral_name(a_[i].path), i, diff))
        ++diff.renamed;
      else
        diff.only_a.push_back(a_[i]);
    }
    for (std::size_t i = 0; i < b_.size(); ++i)
      if (!used_[i]) diff.only_b.push_back(b_[i]);
  }

 private:
  template <class Key>
  Places places(Key&& key) const {  // of b's files that have no counterpart yet; the last is taken first
    Places places;
    for (std::size_t i = b_.size(); i-- > 0;)
      if (!used_[i]) places[key(b_[i])].push_back(i);
    return places;
  }

  bool take(Places& places, const std::string& key, std::size_t i, PackageDiff& diff) {
    const auto found = places.find(key);
    if (found == places.end() || found->second.empty()) return false;
    const std::size_t other = found->second.back();
    found->second.pop_back();
    used_[other] = true;
    if (a_[i].size != b_[other].size) diff.changed.push_back({a_[i], b_[other]});
    return true;
  }

  const std::vector<FileLine>&a_, &b_;
  std::vector<bool> used_;
};

std::vector<GroupDiff> group_differences(const std::vector<FileLine>& a, const std::vector<FileLine>& b) {
  std::map<std::string, GroupDiff> groups;
  for (const FileLine& file : a) {
    GroupDiff& group = groups[group_name(file)];
    ++group.files_a;
    group.bytes_a += file.size;
    group.version_a = file.owner_version;
  }
  for (const FileLine& file : b) {
    GroupDiff& group = groups[group_name(file)];
    ++group.files_b;
    group.bytes_b += file.size;
    group.version_b = file.owner_version;
  }
  std::vector<GroupDiff> changed;
  for (auto& [name, group] : groups) {
    if (group.files_a == group.files_b && group.bytes_a == group.bytes_b && group.version_a == group.version_b)
      continue;
    group.name = name;
    changed.push_back(std::move(group));
  }
  const auto change = [](const GroupDiff& g) {
    return g.bytes_a > g.bytes_b ? g.bytes_a - g.bytes_b : g.bytes_b - g.bytes_a;
  };
  std::ranges::sort(changed, [&](const GroupDiff& x, const GroupDiff& y) {
    return change(x) != change(y) ? change(x) > change(y) : x.name < y.name;
  });
  return changed;
}

using FindingKey = std::tuple<std::string, std::string, std::string>;

FindingKey key_of(const Finding& finding) {
  return {finding.code, neutral_name(finding.path), neutral_name(finding.detail)};
}

std::vector<Finding> findings_without(const std::vector<Finding>& findings, const std::vector<Finding>& others) {
  std::map<FindingKey, Severity> known;
  for (const Finding& finding : others) {
    Severity& severity = known.try_emplace(key_of(finding), finding.severity).first->second;
    severity = std::max(severity, finding.severity);
  }
  std::vector<Finding> left;
  for (const Finding& finding : findings) {
    const auto found = known.find(key_of(finding));
    if (found == known.end() || found->second < finding.severity) left.push_back(finding);
  }
  sort_findings(left);
  return left;
}

}  // namespace

std::string neutral_name(std::string_view path) {
  std::string neutral;
  for (std::size_t at = 0; at < path.size();) {
    const bool at_word = at == 0 || !is_word_character(path[at - 1]);
    const auto word = std::ranges::find_if(kArchWords, [&](std::string_view w) {
      return at_word && path.substr(at).starts_with(w) &&
             (at + w.size() == path.size() || !is_word_character(path[at + w.size()]));
    });
    if (word == kArchWords.end()) {
      neutral += path[at++];
    } else {
      neutral += "{arch}";
      at += word->size();
    }
  }
  return without_hash(std::move(neutral));
}

DiffSide side_of(const Report& report) {
  DiffSide side{report.source, report.arch, report.runtime, 0, 0, false, report.files, report.findings};
  // Of pack, what was written; of analyze, what was read.
  const PackageSize& size = report.command == "pack" && report.after ? *report.after : report.before;
  side.unpacked_bytes = size.unpacked_bytes;
  side.zip_bytes = size.zip_bytes;
  side.zip_estimated = size.zip_error > 0;
  return side;
}

PackageDiff diff_packages(DiffSide a, DiffSide b) {
  PackageDiff diff;
  diff.files_a = a.files.size();
  diff.files_b = b.files.size();
  Matching(a.files, b.files).run(diff);
  diff.groups = group_differences(a.files, b.files);
  diff.new_findings = findings_without(b.findings, a.findings);
  diff.gone_findings = findings_without(a.findings, b.findings);
  a.files.clear();
  b.files.clear();
  diff.a = std::move(a);
  diff.b = std::move(b);
  return diff;
}

}  // namespace lambdapack
