// Evidence of dynamic loading beyond a plain name: notes, patterns, folders, archives, links, wrappers of dlopen.
#include <doctest/doctest.h>

#include "package/raw_zip.h"
#include "plan/evidence.h"
#include "plan/explain.h"
#include "plan/fake_function.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

ElfInfo opening(ElfInfo elf, std::vector<std::string> sonames, std::string priority) {
  elf.dlopen_notes.push_back({std::move(sonames), "", std::move(priority)});
  return elf;
}

bool by_evidence(const FakeFunction& f, std::string_view path) {
  return f.reach().steps[f.at(path)].kind == ReachKind::evidence;
}

std::string why(const FakeFunction& f, std::string_view path) {
  return f.reach().steps[f.at(path)].why;
}

Confidence unused_confidence(const FakeFunction& f, std::string_view path) {
  for (const UnusedFile& unused : f.reach().unused)
    if (unused.file == f.at(path)) return unused.confidence;
  return Confidence::proven;  // not unused at all
}

std::string jar(const std::string& member, const std::string& text) {
  return RawZip().add(deflated(member, text + std::string(200, 0x20))).bytes();
}

}  // namespace

TEST_CASE("a library that .note.dlopen names is reached, with its priority") {
  FakeFunction f;
  f.elf("bootstrap", opening(executable(), {"libq9.so.2"}, "suggested"))
      .elf("lib/libq9.so.2", library("libq9.so.2"))
      .done();
  CHECK(by_evidence(f, "lib/libq9.so.2"));
  CHECK(why(f, "lib/libq9.so.2").find("suggested") != std::string::npos);
}

TEST_CASE(
    "a note's library that is nowhere is a warning when required, a note when not, and nothing when one of its "
    "names is there") {
  FakeFunction required, suggested, other_name;
  required.elf("bootstrap", opening(executable(), {"libq9.so.2"}, "required")).done();
  suggested.elf("bootstrap", opening(executable(), {"libq9.so.2"}, "suggested")).done();
  other_name.elf("bootstrap", opening(executable(), {"libq9.so.2", "libq9.so.1"}, "required"))
      .elf("deep/libq9.so.1", library("libq9.so.1"))
      .done();
  CHECK(required.finding("dlopen-library-missing").severity == Severity::warning);
  CHECK(required.finding("dlopen-library-missing").detail == "libq9.so.2");
  CHECK(suggested.finding("dlopen-library-missing").severity == Severity::info);
  CHECK(other_name.finding("dlopen-library-missing").code == "none");
}

TEST_CASE("a format string that can make the library's name keeps it, one that can make any name does not") {
  FakeFunction exact, any;
  exact.elf("bootstrap", executable(), "load lib%s_codec.so.%d now")
      .elf("lib/libpng_codec.so.3", library("libpng_codec.so.3"))
      .done();
  any.elf("bootstrap", executable(), "cannot open %s.so").elf("lib/libidle.so.1", library("libidle.so.1")).done();
  CHECK(by_evidence(exact, "lib/libpng_codec.so.3"));
  CHECK(why(exact, "lib/libpng_codec.so.3").find("lib%s_codec.so.%d") != std::string::npos);
  CHECK(unused_confidence(any, "lib/libidle.so.1") == Confidence::likely);
}

TEST_CASE(
    "in code that opens nothing only short names are looked for, and code is what lies apart from texts on x86-64") {
  const std::string code = "xxlibcodec_plugin.soxxshort.soxx", texts = "hello";
  const auto names_in = [&](std::uint16_t machine, const std::string& texts_section) {
    FakeFunction f;
    ElfInfo elf = executable();
    elf.machine = machine;
    f.elf("bootstrap", elf, code + texts).done();
    std::vector<ElfSection>& sections = f.inventory.files[0].elf->sections;
    sections = {{".text", 1, 6, 4, code.size(), 16}, {texts_section, 1, 2, 4 + code.size(), texts.size(), 1}};
    const NameSet names({"libcodec_plugin.so", "short.so", "hello", "plugin"}, {"so", "libcodec_plugin"});
    std::vector<std::size_t> found;
    CHECK(visit_texts(f.package, f.inventory, 0, [&](const TextPart& part) {
            for (const std::size_t name : names.find_in(part, {})) found.push_back(name);
          }).has_value());
    std::ranges::sort(found);
    return found;
  };
  CHECK(names_in(kMachineX86_64, ".rodata") == std::vector<std::size_t>{1, 2, 3});
  CHECK(names_in(kMachineX86_64, ".data") == std::vector<std::size_t>{0, 1, 2, 3, 5});  // texts may be in the code
  CHECK(names_in(kMachineAArch64, ".rodata") == std::vector<std::size_t>{0, 1, 2, 3, 5});
}

namespace {

// movabs $text, %rax
std::string move(std::string text) {
  text.resize(8, '\0');
  return "\x48\xb8" + text;
}

// A program whose only text is in its instructions; opener: it calls dlopen.
FakeFunction of_moves(const std::string& moves, bool opener) {
  const std::string code = std::string(40, '\x90') + moves + std::string(40, '\x90');
  FakeFunction f;
  ElfInfo elf = executable();
  elf.calls_dlopen = opener;
  f.elf("bootstrap", elf, code + "hello");
  std::vector<ElfSection>& sections = f.inventory.files[0].elf->sections;
  sections = {{".text", 1, 6, 4, code.size(), 16}, {".rodata", 1, 2, 4 + code.size(), 5, 1}};
  return f;
}

}  // namespace

TEST_CASE("a name that an opener's instructions write in two pieces keeps the library") {
  const auto kept = [](const std::string& moves, bool opener) {
    FakeFunction f = of_moves(moves, opener);
    f.elf("lib/libcodec_plugin.so.3", library("libcodec_plugin.so.3")).done();
    return by_evidence(f, "lib/libcodec_plugin.so.3");
  };
  CHECK(kept(move("libcodec") + move("_plugin.") + move("in.so.3"), true));
  CHECK(kept(move("/opt/x/l") + move("ibcodec_") + move("in.so.3"), true));  // only the end is in one piece
  CHECK(kept(move("codec_pl") + move("plugin"), true));                      // the stem
  CHECK_FALSE(kept(move("libcodec") + move("_plugin.") + move("in.so.3"), false));
  CHECK_FALSE(kept(move("libcoder") + move("x.so.3"), true));
  CHECK_FALSE(kept(move("o.so.3"), true));  // says nothing
  CHECK_FALSE(kept(move("plugin"), true));  // a word of its own
}

TEST_CASE("the first half of a name in an opener's vector constant keeps the library, where such a constant can be") {
  const auto kept = [](std::size_t padding) {
    ElfInfo opener = executable();
    opener.calls_dlopen = true;
    FakeFunction f;
    f.elf("bootstrap", opener, std::string(padding, '\0') + "libcodec_plugins" + std::string(32, '\0'));
    f.elf("lib/libcodec_plugins_x.so.3", library("libcodec_plugins_x.so.3")).done();
    return by_evidence(f, "lib/libcodec_plugins_x.so.3");
  };
  CHECK(kept(12));
  CHECK_FALSE(kept(13));
}

TEST_CASE("a pattern in an opener's instructions keeps what fits it") {
  const auto kept = [](const std::string& moves) {
    FakeFunction f = of_moves(moves, true);
    f.elf("lib/libcodec3.so", library("libcodec3.so")).done();
    return by_evidence(f, "lib/libcodec3.so");
  };
  CHECK(kept(move("codec%d.") + move("c%d.so")));
  CHECK(kept(move("xcodec%d") + move(".so")));
  CHECK(kept(move("dec%d.so")));
  CHECK_FALSE(kept(move("roc%d.so")));
  CHECK_FALSE(kept(move("b%d.so")));  // fits any
}

TEST_CASE("a folder's name in a reached file keeps what lies in the folder") {
  FakeFunction f, common;
  f.elf("bootstrap", executable(), std::string("\0%s/engines-3\0", 14)).elf("lib/engines-3/q9.so", library("")).done();
  common.elf("bootstrap", executable(), std::string("\0%s/lib\0", 8)).elf("a/lib/libidle.so", library("")).done();
  CHECK(by_evidence(f, "lib/engines-3/q9.so"));
  CHECK(unused_confidence(common, "a/lib/libidle.so") == Confidence::likely);
}

TEST_CASE("a script that globs for libraries keeps those of its own package") {
  FakeFunction f;
  f.text("node_modules/a/load.js", "for (const f of glob('*.so')) open(f)")
      .elf("node_modules/a/bin2/libq9.so", library("libq9.so"))
      .elf("node_modules/b/bin2/libidle.so", library("libidle.so"))
      .elf("bootstrap", executable())
      .done();
  f.own({"a", "1.0.0", "node_modules/a", {}, {}, {}, {}, {}, {}, {}})
      .own({"b", "1.0.0", "node_modules/b", {}, {}, {}, {}, {}, {}, {}});
  CHECK(by_evidence(f, "node_modules/a/bin2/libq9.so"));
  CHECK(unused_confidence(f, "node_modules/b/bin2/libidle.so") == Confidence::likely);
}

TEST_CASE("a name in a compressed class of a jar keeps the library") {
  FakeFunction f;
  f.other("lib/app.jar", FileType::archive, jar("demo/Handler.class", "loads quux9 here"))
      .elf("lib/libquux9.so", library("libquux9.so"))
      .elf("bootstrap", executable())
      .done();
  CHECK(by_evidence(f, "lib/libquux9.so"));
}

TEST_CASE("a jar in a jar is read too") {
  FakeFunction f;
  f.other("app.jar", FileType::archive, jar("BOOT-INF/lib/inner.jar", jar("A.class", "quux9")))
      .elf("lib/libquux9.so", library("libquux9.so"))
      .elf("bootstrap", executable())
      .done();
  CHECK(by_evidence(f, "lib/libquux9.so"));
}

TEST_CASE("a jar that opens libraries, and one that cannot be read, are unknown openers") {
  FakeFunction loads, damaged, neither;
  const std::string good = jar("demo/A.class", "nothing");
  loads.other("app.jar", FileType::archive, jar("demo/A.groovy", "System.loadLibrary(name)"));
  damaged.other("app.jar", FileType::archive, good.substr(0, good.size() - 30));
  neither.other("app.jar", FileType::archive, good);
  for (FakeFunction* f : {&loads, &damaged, &neither})
    f->elf("bootstrap", executable()).elf("lib/libidle.so.1", library("libidle.so.1")).done();
  CHECK(unused_confidence(loads, "lib/libidle.so.1") == Confidence::possible);
  CHECK(unused_confidence(damaged, "lib/libidle.so.1") == Confidence::possible);
  CHECK(unused_confidence(neither, "lib/libidle.so.1") == Confidence::likely);
}

TEST_CASE("the name of a link to a library is as good as its own") {
  FakeFunction f;
  f.elf("bootstrap", executable(), "opens libalias9.so now")
      .elf("lib/libreal7.so.1", library("libreal7.so.1"))
      .link("lib/libalias9.so", "libreal7.so.1")
      .done();
  CHECK(by_evidence(f, "lib/libreal7.so.1"));
}

TEST_CASE("a library whose name is too short to be looked for is only possibly unused") {
  FakeFunction f;
  f.elf("bootstrap", executable()).elf("lib/libq.so.1", library("libq.so.1")).done();
  CHECK(unused_confidence(f, "lib/libq.so.1") == Confidence::possible);
}

TEST_CASE("a Go program that imports dlopen is an opener like any other") {
  FakeFunction f;
  ElfInfo go = executable();
  go.is_go = go.calls_dlopen = true;
  f.elf("bootstrap", go).elf("lib/libidle.so.1", library("libidle.so.1")).done();
  CHECK(unused_confidence(f, "lib/libidle.so.1") == Confidence::possible);
}

TEST_CASE("UTF-16 names in Qt programs and in payloads appended to a program are evidence") {
  FakeFunction qt, payload;
  std::string wide;
  for (const char c : std::string("quux9")) wide += std::string{c, '\0'};
  ElfInfo program = executable({"libQt6Core.so.6"});
  qt.elf("bootstrap", program, wide).elf("lib/libquux9.so", library("libquux9.so")).done();
  payload.elf("bootstrap", executable(), wide).elf("lib/libquux9.so", library("libquux9.so")).done();
  CHECK(unused_confidence(payload, "lib/libquux9.so") == Confidence::likely);
  ElfInfo& elf = *payload.inventory.files[payload.at("bootstrap")].elf;
  elf.segments[0].file_size = 4;
  elf.trailing_bytes = wide.size();
  CHECK(by_evidence(qt, "lib/libquux9.so"));
  CHECK(by_evidence(payload, "lib/libquux9.so"));
}

TEST_CASE("a shadowed library that a script's glob finds by path is only possibly dead") {
  FakeFunction f;
  f.text("app.py", "for f in glob('mine.libs/*.so*'): load(f)")
      .elf("bootstrap", executable({"libz.so.1"}))
      .elf("mine.libs/libz.so.1", library("libz.so.1"))
      .done();
  CHECK(unused_confidence(f, "mine.libs/libz.so.1") == Confidence::possible);
}

TEST_CASE("explain says who names a program that is spawned") {
  FakeFunction f;
  f.text("app.py", "subprocess.run([here + '/tools/ffmpeg-linux64'])").elf("tools/ffmpeg-linux64", executable()).done();
  const Reach reach = f.reach();
  const PlanInput input{f.package, f.inventory, f.languages, f.links, reach, f.target, f.rules, f.sdk_sets};
  const auto file = find_explained_file(f.package, "tools/ffmpeg-linux64");
  REQUIRE(file.has_value());
  const auto lines = explain_file(input, f.plan(), *file);
  REQUIRE(lines);
  CHECK(std::ranges::find(*lines, "  named by app.py (ffmpeg-linux64)") != lines->end());
}
