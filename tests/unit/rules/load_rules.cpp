// A --rules folder: what it adds and replaces, and how its mistakes are reported.
#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "rules/rules.h"

using namespace lambdapack;

namespace {

namespace fs = std::filesystem;

// A folder of rules that goes away with its test.
class RulesFolder {
 public:
  RulesFolder() {
    std::string name = (fs::temp_directory_path() / "lambdapack-rules-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~RulesFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  RulesFolder(const RulesFolder&) = delete;
  RulesFolder& operator=(const RulesFolder&) = delete;

  RulesFolder& with(const std::string& name, const std::string& text) {
    fs::create_directories((fs::path(path_) / name).parent_path());
    std::ofstream(fs::path(path_) / name, std::ios::binary) << text;
    return *this;
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string rule(const std::string& more) {
  return "[[rule]]\nid = \"my-rule\"\ntitle = \"mine\"\nwhy = \"because\"\nsource = \"me\"\n" + more;
}

Rules loaded(const RulesFolder& folder) {
  const Result<Rules> rules = load_rules(folder.path());
  if (!rules) FAIL(to_string(rules.error()));
  return *rules;
}

// The error of a folder with one file, without the folder's own name.
std::string error_of(const std::string& text, const std::string& name = "x.toml") {
  RulesFolder folder;
  folder.with(name, text);
  const Result<Rules> rules = load_rules(folder.path());
  if (rules) return "no error";
  std::string message = to_string(rules.error());
  if (const auto at = message.find(folder.path() + "/"); at != std::string::npos)
    message.erase(at, folder.path().size() + 1);
  return message;
}

const char* const kDrop = "kind = \"drop\"\npaths = [\"*.tmp\"]\nexamples = [\"a.tmp\"]\n";

}  // namespace

TEST_CASE("a folder adds a rule and names its file as a source") {
  RulesFolder folder;
  folder.with("more.toml", rule(kDrop));
  const Rules rules = loaded(folder);
  REQUIRE(rules.find("my-rule"));
  CHECK(rules.find("my-rule")->kind == RuleKind::drop);
  CHECK(rules.find("my-rule")->confidence == Confidence::likely);
  CHECK(rules.find("my-rule")->matches("cache/a.tmp"));
  CHECK_FALSE(rules.find("my-rule")->matches("cache/a.tmpl"));
  CHECK(rules.sources == std::vector<std::string>{"built-in", folder.path() + "/more.toml"});
  CHECK(rules.find("strip"));
}

TEST_CASE("a table of a known id replaces that rule and no other") {
  RulesFolder folder;
  folder.with("a.toml", "[[rule]]\nid = \"drop-desktop-files\"\ntitle = \"t\"\nwhy = \"w\"\nsource = \"s\"\n" +
                            std::string(kDrop));
  const Rules rules = loaded(folder);
  CHECK(rules.find("drop-desktop-files")->why == "w");
  CHECK_FALSE(rules.find("drop-desktop-files")->matches("Thumbs.db"));
  CHECK(rules.rules.size() == load_rules("")->rules.size());
}

TEST_CASE("files are read in name order, so the last one wins") {
  RulesFolder folder;
  folder.with("b.toml", rule(kDrop) + "confidence = \"proven\"\n")
      .with("a.toml", rule(kDrop) + "confidence = \"possible\"\n");
  CHECK(loaded(folder).find("my-rule")->confidence == Confidence::proven);
}

TEST_CASE("id and enabled alone switch a rule and leave its words") {
  RulesFolder folder;
  folder.with("off.toml", "[[rule]]\nid = \"strip\"\nenabled = false\n");
  const Rules rules = loaded(folder);
  CHECK_FALSE(rules.find("strip")->enabled);
  CHECK(rules.find("strip")->why == load_rules("")->find("strip")->why);
  CHECK(error_of("[[rule]]\nid = \"stripp\"\nenabled = false\n")
            .starts_with("x.toml:2: there is no rule \"stripp\" to switch"));
}

TEST_CASE("except takes matches back") {
  RulesFolder folder;
  folder.with("a.toml", rule("kind = \"drop\"\npaths = [\"*.tmp\"]\nexcept = [\"keep/\"]\nexamples = [\"a.tmp\"]\n"));
  CHECK(loaded(folder).find("my-rule")->matches("a.tmp"));
  CHECK_FALSE(loaded(folder).find("my-rule")->matches("keep/a.tmp"));
}

TEST_CASE("limits, prices and coefficients of a folder replace the built-in ones") {
  RulesFolder folder;
  folder.with("x.toml",
              "[limits]\nzip_direct_upload = 1\nunzipped = 2\nlayers = 3\nsource = \"s\"\n"
              "[[price]]\narch = \"arm64\"\ngb_second = 1\nper_request = 0.5\nsource = \"s\"\nas_of = \"2027-01-01\"\n"
              "[[coefficient]]\nid = \"fetch-fixed\"\nunit = \"ms\"\nwhat = \"w\"\nsource = \"s\"\nlow = 1\ntypical = "
              "2\nhigh = 3.5\n");
  const Rules rules = loaded(folder);
  CHECK(rules.limits.unzipped == 2);
  CHECK(rules.prices.at("arm64").gb_second == 1);
  CHECK(rules.prices.at("x86_64").gb_second < 0.001);
  CHECK(rules.coefficient("fetch-fixed")->value.high == 3.5);
  CHECK(rules.coefficients.size() == load_rules("")->coefficients.size());
}

TEST_CASE("a folder adds a runtime on a built-in system") {
  RulesFolder folder;
  folder.with("runtimes/provided.mine.toml",
              "id = \"provided.mine\"\nfamily = \"provided\"\nos = \"al2023\"\nas_of = \"2026-01-01\"\nsource = \"s\"\n"
              "[dates]\nsource = \"s\"\n[init_ms]\nx86_64 = [1, 2, 3]\narm64 = [4, 5, 6]\nsource = \"s\"\n"
              "[[folder]]\npath = \"/opt/mine\"\nboth = [\"libmine.so\"]\n[[folder]]\npath = \"/var/lang/lib\"\narm64 "
              "= [\"libb.so\", \"liba.so\"]\n");
  const Rules rules = loaded(folder);
  CHECK(std::ranges::find(rules.runtime_ids, "provided.mine") != rules.runtime_ids.end());
  const Runtime arm64 = rules.runtime("provided.mine", Arch::arm64).value();
  CHECK(arm64.init_ms.typical == 5);
  CHECK(arm64.folder_of("liba.so") == "/var/lang/lib");
  CHECK(arm64.folder_of("libz.so.1") == "/lib64");
  CHECK_FALSE(arm64.folder_of("libmine.so"));
  CHECK(arm64.libraries.at("/var/lang/lib") == std::vector<std::string>{"liba.so", "libb.so"});
  CHECK_FALSE(rules.runtime("provided.mine", Arch::x86_64)->libraries.contains("/var/lang/lib"));
}

TEST_CASE("a runtime's mistake is an error when the folder is read, with file and line") {
  const std::string start =
      "id = \"p\"\nfamily = \"provided\"\nos = \"al2023\"\nas_of = \"2026-01-01\"\nsource = \"s\"\n";
  const std::string dates = "[dates]\nsource = \"s\"\n";
  const std::string times = "[init_ms]\nx86_64 = [1, 2, 3]\narm64 = [4, 5, 6]\nsource = \"s\"\n";
  const auto runtime_error = [](const std::string& text) { return error_of(text, "runtimes/p.toml"); };
  CHECK(runtime_error(start + dates + times) == "no error");
  CHECK(runtime_error(start + times).find("has no [dates]") != std::string::npos);
  CHECK(runtime_error(start + dates).find("has no [init_ms]") != std::string::npos);
  CHECK(
      runtime_error("id = \"q\"\n" + (start + dates + times).substr(9)).starts_with("runtimes/p.toml:1: id is \"q\""));
  CHECK(runtime_error("x = 1\n" + start + dates + times)
            .starts_with("runtimes/p.toml:1: the file has an unknown key: x"));
  CHECK(runtime_error(start + dates + "[init_ms]\nx86_64 = [1, 2]\narm64 = [4, 5, 6]\nsource = \"s\"\n")
            .find("three numbers") != std::string::npos);
  CHECK(runtime_error(start + dates + "[init_ms]\nx86_64 = [1, 2, 3]\narm64 = [7, 5, 6]\nsource = \"s\"\n")
            .find("must not decrease") != std::string::npos);
  CHECK(runtime_error(start + dates + times + "[[folder]]\npath = \"lib\"\nboth = [\"a.so\"]\n")
            .find("must be absolute") != std::string::npos);
  CHECK(runtime_error(start + dates + times + "[[folder]]\npath = \"/lib\"\n").find("lists nothing") !=
        std::string::npos);
  const std::string other_os =
      "id = \"p\"\nfamily = \"provided\"\nos = \"al3\"\nas_of = \"2026-01-01\"\nsource = \"s\"\n";
  CHECK(runtime_error(other_os).starts_with("runtimes/p.toml:3: os is \"al3\", and there is no os/al3.toml"));
}

TEST_CASE("a rule's mistakes name file and line") {
  CHECK(error_of("a = \n").starts_with("x.toml:1: is not TOML"));
  CHECK(error_of("\n\n[[rule]]\nid = 3\n").starts_with("x.toml:4: id must be a string"));
  CHECK(error_of("[[rule]]\nid = \"a\"\nkind = \"drop\"\ntitle = \"t\"\nsource = \"s\"\npaths = [\"x\"]\n")
            .starts_with("x.toml:1: [[rule]] has no why"));
  CHECK(error_of("[[rule]]\nid = \"a\"\nkind = \"drop\"\ntitle = \"t\"\nwhy = \"w\"\npaths = [\"x\"]\n")
            .starts_with("x.toml:1: [[rule]] has no source"));
  CHECK(error_of(rule("kind = \"drop\"\npath = [\"x\"]\npaths = [\"x\"]\nexamples = [\"x\"]\n")) ==
        "x.toml:7: [[rule]] has an unknown key: path; see docs/rules.md for the keys");
  CHECK(error_of(rule("kind = \"drip\"\n")) ==
        "x.toml:6: kind is \"drip\", and must be one of drop, unread, keep, opener, plugin_entry, built_in");
  CHECK(error_of(rule("kind = \"drop\"\nexamples = [\"x\"]\n")).find("has no paths") != std::string::npos);
  CHECK(error_of(rule("kind = \"drop\"\npaths = [\"x\"]\n")).find("has no examples") != std::string::npos);
  CHECK(error_of(rule("kind = \"drop\"\npaths = [\"x\", 3]\nexamples = [\"x\"]\n"))
            .starts_with("x.toml:7: paths must hold strings"));
  CHECK(error_of(rule("kind = \"drop\"\npaths = \"x\"\nexamples = [\"x\"]\n"))
            .starts_with("x.toml:7: paths must be an array of strings"));
  CHECK(error_of(rule("kind = \"opener\"\npaths = [\"x\"]\nexamples = [\"x\"]\n")).find("does not say what it opens") !=
        std::string::npos);
  CHECK(error_of(rule("kind = \"drop\"\npaths = [\"x\"]\nexamples = [\"x\"]\nopens = []\n"))
            .starts_with("x.toml:9: opens is only for rules of kind opener"));
  CHECK(error_of(rule("kind = \"plugin_entry\"\n")).find("has no symbols") != std::string::npos);
  CHECK(error_of(rule("kind = \"drop\"\npaths = [\"x\"]\nexamples = [\"x\"]\nconfidence = \"sure\"\n"))
            .find("must be one of proven, likely, possible") != std::string::npos);
  CHECK(error_of(rule("kind = \"drop\"\npaths = [\"x\"]\nexamples = [\"x\"]\nruntimes = [\"cobol\"]\n"))
            .find("must hold families") != std::string::npos);
  CHECK(error_of("[rule]\nid = \"a\"\n").find("written [[rule]]") != std::string::npos);
  CHECK(error_of("surprise = 1\n") ==
        "x.toml:1: the file has an unknown key: surprise; see docs/rules.md for the keys");
  CHECK(error_of("[[price]]\narch = \"amd64\"\ngb_second = 1\nper_request = 0\nsource = \"s\"\nas_of = \"d\"\n")
            .find("must be x86_64 or arm64") != std::string::npos);
  CHECK(error_of("[limits]\nzip_direct_upload = -1\nunzipped = 2\nlayers = 3\nsource = \"s\"\n")
            .find("must not be negative") != std::string::npos);
  CHECK(error_of(
            "[[coefficient]]\nid = \"a\"\nunit = \"u\"\nwhat = \"w\"\nsource = \"s\"\nlow = 3\ntypical = 2\nhigh = 4\n")
            .find("must not decrease") != std::string::npos);
  CHECK(
      error_of(
          "[[coefficient]]\nid = \"a\"\nunit = \"u\"\nwhat = \"w\"\nsource = \"s\"\nlow = nan\ntypical = 2\nhigh = 4\n")
          .find("finite") != std::string::npos);
}

TEST_CASE("a folder teaches the bytecode of another Python") {
  const Rules rules = loaded(RulesFolder().with(
      "x.toml", "[[bytecode]]\npython = \"3.99\"\nmagic = 4000\nsiphash = \"2-4\"\nsource = \"s\"\n"));
  REQUIRE(rules.bytecode_of("3.99") != nullptr);
  CHECK(rules.bytecode_of("3.99")->magic == 0x0A0D'0FA0u);
  CHECK(rules.bytecode_of("3.99")->compression == 2);
  REQUIRE(rules.bytecode_of("3.11") != nullptr);
  CHECK(rules.bytecode_of("3.11")->magic == 0x0A0D'0DA7u);
  CHECK(rules.bytecode_of("3.11")->compression == 1);
  CHECK(rules.bytecode_of("3.1") == nullptr);
  CHECK(error_of("[[bytecode]]\npython = \"3.9\"\nmagic = 70000\nsiphash = \"2-4\"\nsource = \"s\"\n")
            .find("must be 1 to 65535") != std::string::npos);
  CHECK(error_of("[[bytecode]]\npython = \"3.9\"\nmagic = 3425\nsiphash = \"4-2\"\nsource = \"s\"\n")
            .find("must be 2-4 or 1-3") != std::string::npos);
}

TEST_CASE("a folder that is not there is an error that names it") {
  const Result<Rules> rules = load_rules("/no/such/folder");
  REQUIRE_FALSE(rules);
  CHECK(rules.error().subject == "/no/such/folder");
}

TEST_CASE("other files and pipes in the folder are not read") {
  RulesFolder folder;
  folder.with("README.md", "not TOML [").with("x.toml.orig", "not TOML [");
  REQUIRE(mkfifo((folder.path() + "/pipe.toml").c_str(), 0600) == 0);
  CHECK(loaded(folder).sources == std::vector<std::string>{"built-in"});
}

TEST_CASE("a file that is too large or nested too deeply is refused, not read to the end") {
  CHECK(error_of("#" + std::string(5 << 20, 'x')).find("a rule file at most") != std::string::npos);
  CHECK(error_of("a = " + std::string(100'000, '[')).find("is not TOML") != std::string::npos);
}

TEST_CASE("the TOML examples of docs/rules.md load") {
  std::ifstream page(LP_SOURCE_DIR "/docs/rules.md");
  std::string text{std::istreambuf_iterator<char>(page), {}};
  RulesFolder folder;
  int examples = 0;
  for (std::size_t at = 0; (at = text.find("```toml\n", at)) != std::string::npos;) {
    const std::size_t start = at + 8, end = text.find("```", start);
    REQUIRE(end != std::string::npos);
    folder.with(std::to_string(++examples) + ".toml", text.substr(start, end - start));
    at = end + 3;
  }
  CHECK(examples == 2);
  const Rules rules = loaded(folder);
  CHECK_FALSE(rules.find("strip")->enabled);
  REQUIRE(rules.find("opener-mine"));
  const Rule& mine = *rules.find("opener-mine");
  for (const RuleExample& example : mine.examples) CHECK(mine.matches(example.path) == example.matches);
  for (const std::string& path : mine.opens_examples) CHECK(mine.may_open(path));
}
