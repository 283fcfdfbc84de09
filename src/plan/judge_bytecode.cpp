// Does a .pyc belong to the source beside it?
//
// Python itself asks for the date and size of the source, which is why zips with fixed dates make all bytecode
// worthless: it is read, refused and compiled again at each cold start, since /var/task is read-only. So what can be
// proven to belong to its source gets a header that no date can spoil (PEP 552): the hash of the source, not checked
// for files of a distribution, checked for the user's own, so that an edit in the console still works. Proof is, in
// this order: the header is such a hash already; date and size are the source's, Python's own test; the installer's
// record (installed_bytecode.h). What is not proven is dropped: Python would not have taken it either. Never is a file
// dropped that Python takes whatever the source says.
#include "plan/judge_bytecode.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/parallel.h"
#include "languages/package_paths.h"
#include "languages/python_bytecode.h"
#include "plan/installed_bytecode.h"
#include "plan/zip_clock.h"

namespace lambdapack {
namespace {

constexpr const char* kFix = "fix-bytecode";
constexpr const char* kStale = "drop-stale-bytecode";
constexpr const char* kOther = "drop-other-bytecode";
constexpr const char* kAll = "drop-bytecode";

enum class Verdict { leave, usable, rewrite, drop };

struct Candidate {  // a .pyc in __pycache__ whose source is there
  std::size_t file = 0, source = 0;
  PycName name;
  const PythonBytecode* python = nullptr;
  std::optional<PycHeader> header;
  Verdict verdict = Verdict::leave;
  bool checked = false;          // rewrite: which header
  bool runs_other_code = false;  // Python takes it, and the source says something else
  SipHash hash{};
  const char* rule = kStale;
  std::string reason;
  Confidence confidence = Confidence::likely;
  std::optional<Error> error;
};

void drop(Candidate& candidate, const char* rule, std::string reason, Confidence confidence) {
  candidate.verdict = Verdict::drop;
  candidate.rule = rule;
  candidate.reason = std::move(reason);
  candidate.confidence = confidence;
}

class Judge {
 public:
  explicit Judge(const BytecodeInput& input) : input_(input), package_(input.package) {}

  Result<JudgedBytecode> run() {
    find_links_into_caches();
    for (std::size_t i = 0; i < package_.files.size(); ++i)
      if (!is_layer_file(package_.files[i].path) && package_.files[i].kind == FileKind::regular) sort_out(i);
    each_candidate([&](Candidate& candidate) { return read_header(candidate); });
    find_clock();
    LP_CHECK(first_error());
    LP_CHECK(read_records());
    each_candidate([&](Candidate& candidate) { return judge(candidate); });
    LP_CHECK(first_error());
    for (const Candidate& candidate : candidates_) settle(candidate);
    tell_stale();
    std::ranges::sort(judged_.drops, {}, &ProposedDrop::file);
    std::ranges::sort(judged_.companions, {}, &Companion::file);
    return std::move(judged_);
  }

 private:
  const std::string& path(std::size_t file) const { return package_.files[file].path; }

  // A .pyc that is read under two names may have two sources: it stays as it is.
  void find_links_into_caches() {
    for (const PackageFile& file : package_.files) {
      if (file.kind != FileKind::symlink || is_layer_file(file.path)) continue;
      if (const auto real = resolve_path(package_, file.path)) linked_.insert(*real);
      const auto target = link_destination(file.path, file.link_target);
      if (!target || base_name(*target) != "__pycache__") continue;
      const auto [first, last] = files_below(package_, *target);
      for (std::size_t i = first; i < last; ++i) linked_.insert(i);
      if (first == last) caches_are_clear_ = false;  // dangling, or by way of another link
    }
  }

  // What a name alone decides; the rest become candidates.
  void sort_out(std::size_t file) {
    auto name = parse_pyc_path(path(file));
    if (!name || linked_.contains(file) || !caches_are_clear_) return;
    const auto beside = file_at(package_, name->source);
    const auto source = beside ? resolve_path(package_, name->source) : std::nullopt;
    if (beside && !source) return;  // a link to somewhere else
    if (!name->cached) {
      // Without a source this is the module itself.
      if (!source) return;
      judged_.companions.push_back({file, *beside});
      judged_.drops.push_back(
          {file, input_.mode == BytecodeMode::drop ? kAll : kStale,
           fmt::format("Python takes {} and never looks at bytecode beside it", base_name(name->source)),
           input_.mode == BytecodeMode::drop ? Confidence::likely : Confidence::possible});
      return;
    }
    if (!source) {
      judged_.drops.push_back(
          {file, kStale,
           fmt::format("there is no {}, without which Python never looks into __pycache__", base_name(name->source)),
           Confidence::likely});
      return;
    }
    judged_.companions.push_back({file, *beside});
    Candidate candidate;
    candidate.file = file;
    candidate.source = *source;
    candidate.name = *std::move(name);
    candidates_.push_back(std::move(candidate));
  }

  template <class Body>
  void each_candidate(const Body& body) {
    parallel_for(candidates_.size(), input_.threads, [&](std::size_t i) {
      if (auto done = body(candidates_[i]); !done) candidates_[i].error = std::move(done).error();
    });
  }

  Result<void> first_error() {
    for (Candidate& candidate : candidates_)
      if (candidate.error) return std::unexpected(*std::move(candidate.error));
    return {};
  }

  Result<void> read_header(Candidate& candidate) const {
    candidate.python = input_.rules.bytecode_of(candidate.name.version);
    LP_TRY(const auto head, package_.files[candidate.file].content.head(kPycHeaderSize));
    candidate.header = parse_pyc_header(head);
    return {};
  }

  // Header and source agree as far as sizes go, so the dates may tell.
  bool same_size(const Candidate& candidate) const {
    return candidate.header && !candidate.header->hash_based &&
           candidate.header->size == static_cast<std::uint32_t>(package_.files[candidate.source].size());
  }

  void find_clock() {
    std::vector<ZipClock::Pair> pairs;
    for (const Candidate& candidate : candidates_) {
      const PackageFile& source = package_.files[candidate.source];
      if (source.mtime_is_local && same_size(candidate)) pairs.push_back({candidate.header->mtime, source.mtime});
    }
    clock_ = ZipClock::from(pairs);
  }

  bool same_date(const Candidate& candidate) const {
    const PackageFile& source = package_.files[candidate.source];
    if (source.mtime_is_local) return clock_.same(candidate.header->mtime, source.mtime);
    return candidate.header->mtime == static_cast<std::uint32_t>(source.mtime);
  }

  Result<void> read_records() {
    std::set<std::size_t> wanted;
    for (const Candidate& candidate : candidates_)
      if (const auto owner = input_.languages.distribution_of[candidate.source];
          owner && same_size(candidate) && !same_date(candidate))
        wanted.insert(*owner);
    for (const std::size_t owner : wanted) {
      LP_TRY(InstalledBytecode installed, InstalledBytecode::read(package_, input_.languages.distributions[owner]));
      installed_.emplace(owner, std::move(installed));
    }
    return {};
  }

  // Whether this is what the function's own Python looks for; else the candidate is settled.
  bool is_looked_for(Candidate& candidate) const {
    const PycName& name = candidate.name;
    const std::string& version = input_.target.runtime.version;
    if (input_.one_version && name.version != version) {
      drop(candidate, kOther,
           name.version.empty() ? "another Python implementation made it"
                                : fmt::format("for Python {}; the runtime has {}", name.version, version),
           Confidence::likely);
      return false;
    }
    if (input_.optimisation && name.optimisation != *input_.optimisation) {
      drop(candidate, kOther,
           name.optimisation.empty() ? "PYTHONOPTIMIZE makes Python look for optimised bytecode"
                                     : fmt::format("only for python -O (level {})", name.optimisation),
           Confidence::likely);
      return false;
    }
    return true;
  }

  Result<void> judge(Candidate& candidate) const {
    if (!is_looked_for(candidate)) return {};
    if (candidate.python == nullptr) {  // then no hash can be compared
      const auto& header = candidate.header;
      const bool unconditional = header && header->hash_based && !header->check_source;
      if (input_.mode == BytecodeMode::drop && !unconditional) drop_on_demand(candidate);
      return {};
    }
    if (!candidate.header) {
      drop(candidate, kStale, "too short to be bytecode", Confidence::proven);
      return {};
    }
    if (candidate.header->magic != candidate.python->magic || !candidate.header->known_flags) {
      drop(candidate, kStale, fmt::format("its header is not one of Python {}", candidate.name.version),
           Confidence::proven);
      return {};
    }
    LP_CHECK(candidate.header->hash_based ? judge_hash(candidate) : judge_date(candidate));
    if (input_.mode == BytecodeMode::drop && !candidate.runs_other_code) drop_on_demand(candidate);
    return {};
  }

  static void drop_on_demand(Candidate& candidate) {
    drop(candidate, kAll, "--bytecode drop; Python compiles the source instead", Confidence::likely);
  }

  // The hash of the source is what the file says it is.
  Result<void> judge_hash(Candidate& candidate) const {
    LP_TRY(const Bytes source, package_.files[candidate.source].content.read());
    candidate.hash = python_source_hash(*candidate.python, source);
    const bool same = candidate.hash == candidate.header->hash;
    if (!candidate.header->check_source) {
      candidate.verdict = Verdict::usable;
      candidate.runs_other_code = !same;
    } else if (!same) {
      drop(candidate, kStale, "it holds the hash of another source", Confidence::proven);
    } else if (input_.languages.distribution_of[candidate.source]) {
      rewrite(candidate, "the hash of its source is in it", Confidence::proven);
    } else {
      candidate.verdict = Verdict::usable;
    }
    return {};
  }

  Result<void> judge_date(Candidate& candidate) const {
    const std::string_view source_name = base_name(path(candidate.source));
    if (!same_size(candidate)) {
      drop(candidate, kStale, fmt::format("it was made from a {} of another size", source_name), Confidence::proven);
      return {};
    }
    const bool dated = same_date(candidate);
    LP_TRY(const Bytes source, package_.files[candidate.source].content.read());
    const auto owner = input_.languages.distribution_of[candidate.source];
    const auto installed = owner ? installed_.find(*owner) : installed_.end();
    if (!dated &&
        (installed == installed_.end() ||
         !installed->second.compiled_from(candidate.file, candidate.header->mtime, candidate.source, source))) {
      drop(candidate, kStale,
           fmt::format("neither the date of {} nor RECORD shows that it was made from it", source_name),
           Confidence::likely);
      return {};
    }
    candidate.hash = python_source_hash(*candidate.python, source);
    rewrite(candidate,
            dated ? fmt::format("it has the date and size of {}", source_name)
                  : fmt::format("pip compiled {}, whose bytes are still those in RECORD", source_name),
            dated ? Confidence::proven : Confidence::likely);
    return {};
  }

  void rewrite(Candidate& candidate, std::string why, Confidence confidence) const {
    candidate.verdict = Verdict::rewrite;
    candidate.checked = !input_.languages.distribution_of[candidate.source];
    candidate.reason = std::move(why) + (candidate.checked ? "; now with the source's hash, which Python checks"
                                                           : "; now with the source's hash in place of its date");
    candidate.confidence = confidence;
  }

  void settle(const Candidate& candidate) {
    if (candidate.verdict == Verdict::drop)
      judged_.drops.push_back({candidate.file, candidate.rule, candidate.reason, candidate.confidence});
    if (candidate.verdict == Verdict::rewrite) {
      const auto head = hash_header(*candidate.python, candidate.hash, candidate.checked);
      judged_.rewrites.push_back(
          {candidate.file, {head.begin(), head.end()}, kFix, candidate.reason, candidate.confidence});
    }
    if (candidate.verdict == Verdict::rewrite || candidate.verdict == Verdict::usable)
      judged_.usable.push_back(candidate.file);
    if (candidate.runs_other_code)
      judged_.findings.push_back({.code = "bytecode-differs",
                                  .severity = Severity::warning,
                                  .path = path(candidate.file),
                                  .detail = {},
                                  .message = fmt::format("is what Python runs, and was not made from {} as it is",
                                                         printable(base_name(path(candidate.source)))),
                                  .help = "compile it again: python -m compileall --invalidation-mode checked-hash"});
  }

  void tell_stale() {
    const auto stale = std::ranges::count_if(candidates_, [](const Candidate& candidate) {
      return candidate.verdict == Verdict::drop && std::string_view(candidate.rule) == kStale;
    });
    if (stale == 0) return;
    judged_.findings.push_back(
        {.code = "stale-bytecode",
         .severity = Severity::info,
         .path = {},
         .detail = {},
         .message = fmt::format("{} of {} bytecode files do not fit their sources as far as can be shown, so Python "
                                "compiles these at every cold start",
                                stale, stale + std::ssize(judged_.usable)),
         .help = "pass the folder that pip installed into, with its dates; or --bytecode compile"});
  }

  const BytecodeInput& input_;
  const Package& package_;
  std::set<std::size_t> linked_;
  bool caches_are_clear_ = true;       // which ones are read under two names
  std::vector<Candidate> candidates_;  // sorted by file
  ZipClock clock_;
  std::map<std::size_t, InstalledBytecode> installed_;  // by distribution, where dates do not tell
  JudgedBytecode judged_;
};

}  // namespace

Result<JudgedBytecode> judge_bytecode(const BytecodeInput& input) {
  if (input.mode == BytecodeMode::keep || input.target.runtime.family != "python") return JudgedBytecode();
  return Judge(input).run();
}

}  // namespace lambdapack
