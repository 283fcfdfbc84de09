// The debug files that symbolize looks into: a bundle of pack --debug-out, a folder of debuginfod, or one ELF file.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "elf/crash_log.h"
#include "elf/symbolize.h"
#include "package/content.h"
#include "report/debug_manifest.h"

namespace lambdapack {

// Where the debug files are, and which there are.
class DebugSource {
 public:
  // Errors: what is at `path` is none of these, or is damaged.
  static Result<DebugSource> open(const std::string& path);

  const std::vector<DebugFile>& files() const { return manifest_.files; }

  // The file that a log means; why there is none, as an Error's message.
  Result<std::size_t> find(const LogAddress& address, std::string_view module) const;

  // Reads the debug files of these from the bundle, in one pass.
  Result<void> load(const std::set<std::size_t>& files);
  // Of a file that was loaded; nullptr, and why, when its debug file cannot be used.
  Symbolizer* symbolizer(std::size_t file, std::string& reason);
  // Per debug file that hurt its reader: what happened, and that the frames in it are lost.
  std::vector<Error> troubles() const;

 private:
  std::string path_;
  DebugManifest manifest_;
  std::map<std::string, Content> contents_;  // by name in the bundle
  std::map<std::size_t, Result<Symbolizer>> symbolizers_;
};

}  // namespace lambdapack
