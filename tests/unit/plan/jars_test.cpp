// Jars: what their natives are missing, and which of them can go.
#include <algorithm>
#include <deque>

#include <doctest/doctest.h>

#include "plan/fake_function.h"
#include "plan/judge_jars.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

struct Native {
  std::string path;
  std::uint16_t machine = 0;  // 0: a Windows library
};

class FakeJars {
 public:
  FakeFunction f;

  JavaArchive& add(const std::string& path, const std::vector<Native>& natives) {
    f.other(path, FileType::archive, std::string(100, 'j'));
    JavaArchive jar;
    jar.artifact = path.substr(path.rfind('/') + 1, 3);
    jar.can_change = true;
    jar.unpacked = 300;
    jar.compressed = 2;
    for (const Native& native : natives) {
      PackageFile file;
      file.path = native.path;
      file.content = Content::from_text(native.machine == 0 ? "MZ"
                                                            : "\x7f"
                                                              "ELF");
      jar.natives.files.push_back(file);
      FileRecord record;
      record.type = native.machine == 0 ? FileType::mach_o : FileType::elf;
      if (native.machine != 0) {
        record.elf = library("libn.so");
        record.elf->machine = native.machine;
      }
      jar.native_inventory.files.push_back(record);
    }
    jars_.push_back(std::move(jar));
    paths_.push_back(path);
    return jars_.back();
  }

  void done() {
    f.done();
    for (std::size_t i = 0; i < jars_.size(); ++i) jars_[i].file = f.at(paths_[i]);
    f.languages.jars.assign(jars_.begin(), jars_.end());
  }

  std::vector<ProposedRewrite> judged(std::uint64_t used = 0, std::uint64_t limit = 1000) const {
    return judge_jars(f.package, f.languages, f.target, used, limit);
  }

  std::vector<Finding> findings() const {
    std::vector<Finding> found = f.findings();
    std::erase_if(found, [](const Finding& each) {
      return !each.code.starts_with("jar-native") && each.code != "duplicate-class";
    });
    std::ranges::sort(found, {}, &Finding::path);
    return found;
  }

 private:
  std::deque<JavaArchive> jars_;  // add() returns references
  std::vector<std::string> paths_;
};

const std::vector<Native> kEveryPlatform = {{"n/Linux/aarch64/libn.so", kMachineAArch64},
                                            {"n/Linux/x86_64/libn.so", kMachineX86_64},
                                            {"n/Mac/x86_64/libn.dylib", 0}};

}  // namespace

TEST_CASE("natives of other platforms are left out of a jar, and the function's own stay") {
  FakeJars jars;
  jars.add("lib/a.jar", kEveryPlatform);
  jars.done();
  const auto plans = jars.judged();
  REQUIRE(plans.size() == 1);
  CHECK(plans[0].jar->left_out == std::vector<std::string>{"n/Linux/aarch64/libn.so", "n/Mac/x86_64/libn.dylib"});
  CHECK(plans[0].jar->store);
  CHECK(plans[0].reason.contains("2 native libraries"));
}

TEST_CASE("the only Linux build in a jar stays although it is for the other machine") {
  FakeJars jars;
  jars.add("lib/a.jar", {{"n/Linux/aarch64/libn.so", kMachineAArch64}, {"n/Mac/x86_64/libn.dylib", 0}});
  jars.done();
  const auto plans = jars.judged();
  REQUIRE(plans.size() == 1);
  CHECK(plans[0].jar->left_out == std::vector<std::string>{"n/Mac/x86_64/libn.dylib"});
}

TEST_CASE("signed jars and those that cannot be written anew stay, and so do all beside a CDS archive") {
  FakeJars jars;
  jars.add("lib/a.jar", kEveryPlatform).is_signed = true;
  jars.add("lib/b.jar", kEveryPlatform).can_change = false;
  jars.done();
  CHECK(jars.judged().empty());
  FakeJars shared;
  shared.add("lib/a.jar", kEveryPlatform);
  shared.f.text("app.jsa", "");
  shared.done();
  CHECK(shared.judged().empty());
}

TEST_CASE("a layer whose architecture was not said keeps both machines' natives") {
  FakeJars jars;
  jars.add("java/lib/a.jar", kEveryPlatform);
  jars.done();
  jars.f.target.is_layer = true;
  REQUIRE(jars.judged().size() == 1);
  CHECK(jars.judged()[0].jar->left_out == std::vector<std::string>{"n/Mac/x86_64/libn.dylib"});
  jars.f.target.arch_from = "--arch";
  CHECK(jars.judged()[0].jar->left_out.size() == 2);
}

TEST_CASE("jars are stored only as long as the unzipped limit allows, and not when nothing in them is compressed") {
  FakeJars jars;
  jars.add("lib/a.jar", {});
  jars.add("lib/b.jar", {});
  jars.add("lib/c.jar", {}).compressed = 0;
  jars.done();
  CHECK(jars.judged(0, 1000).size() == 2);
  const auto one = jars.judged(700, 1000);  // each grows by 200
  REQUIRE(one.size() == 1);
  CHECK(one[0].file == jars.f.at("lib/a.jar"));
  CHECK(jars.judged(801, 1000).empty());
  CHECK(jars.judged(2000, 1000).empty());
}

TEST_CASE("each part of a change to a jar has a rule of its own, and a jar with a signature beside it stays") {
  FakeJars jars;
  jars.add("lib/a.jar", kEveryPlatform);
  jars.add("lib/b.jar", kEveryPlatform);
  jars.f.text("lib/b.jar.asc", "");
  jars.done();
  jars.f.rewrites = jars.judged();
  CHECK(jars.f.decision("lib/a.jar").action == Action::rewrite);
  CHECK(jars.f.decision("lib/a.jar").rule == "drop-jar-natives");
  CHECK(jars.f.decision("lib/b.jar").action == Action::keep);
  jars.f.options.disabled_rules = {"drop-jar-natives"};
  CHECK(jars.f.decision("lib/a.jar").rule == "store-jar");
  CHECK(jars.f.decision("lib/a.jar").jar->left_out.empty());
  jars.f.options.disabled_rules = {"store-jar"};
  CHECK_FALSE(jars.f.decision("lib/a.jar").jar->store);
  jars.f.options.disabled_rules = {"store-jar", "drop-jar-natives"};
  CHECK(jars.f.decision("lib/a.jar").action == Action::keep);
  jars.f.options.disabled_rules = {};
  jars.f.options.level = Confidence::proven;
  CHECK_FALSE(jars.f.decision("lib/a.jar").applied);
}

TEST_CASE("a native under a name for this platform that is for another, or needs too new versions, is a finding") {
  FakeJars jars;
  JavaArchive& jar = jars.add("lib/a.jar", {{"n/Linux/x86_64/libn.so", kMachineAArch64}});
  jar.native_inventory.files[0].elf->versions_needed = {};
  JavaArchive& fresh = jars.add("lib/b.jar", {{"n/linux/amd64/libn.so", kMachineX86_64}});
  fresh.native_inventory.files[0].elf->versions_needed = {{"libc.so.6", "GLIBC_2.99", false}};
  jars.done();
  const auto findings = jars.findings();
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].code == "jar-native-wrong");
  CHECK(findings[0].message.contains("aarch64"));
  CHECK(findings[1].code == "jar-native-too-new");
  CHECK(findings[1].path == "lib/b.jar");
  CHECK(findings[1].message.contains("GLIBC_2.99"));
}

TEST_CASE(
    "Linux code for the other architecture alone is a finding, unless another jar of the artifact has this one's") {
  FakeJars jars;
  jars.add("lib/net-1-linux-aarch_64.jar", {{"META-INF/native/libn_linux_aarch_64.so", kMachineAArch64}});
  jars.done();
  const auto findings = jars.findings();
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].code == "jar-native-missing");
  FakeJars both;
  both.add("lib/net-1-linux-aarch_64.jar", {{"META-INF/native/libn_linux_aarch_64.so", kMachineAArch64}});
  both.add("lib/net-1-linux-x86_64.jar", {{"META-INF/native/libn_linux_x86_64.so", kMachineX86_64}});
  both.done();
  CHECK(both.findings().empty());
}

TEST_CASE("classes of one name are a finding only when their bytes differ") {
  FakeJars jars;
  jars.add("lib/a.jar", {}).classes = {{"x/A.class", 1, 10}, {"x/B.class", 2, 10}, {"x/package-info.class", 1, 1}};
  jars.add("lib/b.jar", {}).classes = {{"x/A.class", 1, 10}, {"x/B.class", 3, 10}, {"x/package-info.class", 2, 1}};
  jars.done();
  const auto findings = jars.findings();
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].code == "duplicate-class");
  CHECK(findings[0].path == "lib/b.jar");
  CHECK(findings[0].detail == "lib/a.jar");
  CHECK(findings[0].message.contains("x/B.class"));
}
