// Writes the names into the launcher; see launcher.h.
#include "plan/launcher.h"

#include <algorithm>
#include <cassert>

namespace lambdapack {
namespace {

// struct Settings of src/launcher/launcher.c.
constexpr std::string_view kMark = "lambdapack launcher settings v1";
constexpr std::size_t kMarkSize = 32, kNameSize = 256;

}  // namespace

Result<std::vector<std::uint8_t>> make_launcher(Arch arch, const LauncherSettings& settings) {
  const Bytes program = launcher_program(arch);
  std::vector<std::uint8_t> bytes(program.begin(), program.end());
  const auto mark =
      std::ranges::search(bytes, kMark, [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); });
  assert(!mark.empty());
  auto place = mark.begin() + kMarkSize;
  for (const std::string* name : {&settings.loader, &settings.library, &settings.program}) {
    if (name->size() >= kNameSize)
      return fail(printable(*name), "is too long a path for the launcher, which takes 255 bytes",
                  "give the program a shorter name");
    std::ranges::copy(*name, place);
    place += kNameSize;
  }
  if (settings.argv0) *place = '1';
  return bytes;
}

}  // namespace lambdapack
