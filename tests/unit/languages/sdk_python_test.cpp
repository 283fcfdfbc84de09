#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/hash.h"
#include "languages/sdk.h"
#include "support/make_package.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

FunctionTarget python_target() {
  FunctionTarget target;
  target.runtime.id = "python3.12";
  target.runtime.family = "python";
  target.runtime.version = "3.12";
  target.runtime.packages = {
      {"boto3", "1.42.97"},     {"botocore", "1.42.97"}, {"jmespath", "1.0.1"}, {"python-dateutil", "2.9.0.post0"},
      {"s3transfer", "0.16.0"}, {"six", "1.17.0"},       {"urllib3", "1.26.19"}};
  return target;
}

std::string record_hash(std::string_view text) {
  std::string digest = to_base64(sha256(as_bytes(text)));
  std::ranges::replace(digest, '+', '-');
  std::ranges::replace(digest, '/', '_');
  while (digest.ends_with('=')) digest.pop_back();
  return digest;
}

// A distribution with one module, as pip installs it.
void install(MakePackage& package, const std::string& name, const std::string& version, const std::string& module,
             const std::vector<std::string>& requirements = {}, const std::string& text = "x = 1\n",
             const std::string& folder = "") {
  std::string metadata = fmt::format("Name: {}\nVersion: {}\n", name, version);
  for (const std::string& requirement : requirements) metadata += "Requires-Dist: " + requirement + "\n";
  const std::string info = fmt::format("{}{}-{}.dist-info/", folder, name, version);
  package.file(folder + module + "/__init__.py", text);
  package.file(info + "METADATA", metadata);
  package.file(info + "RECORD", fmt::format("{}/__init__.py,sha256={},{}\n", module, record_hash(text), text.size()));
}

// boto3 and all it needs; the versions are those of one pip install.
void install_boto3(MakePackage& package, const std::string& version = "1.40.60", const std::string& folder = "") {
  install(package, "boto3", version, "boto3",
          {"botocore (<1.41.0,>=1.40.60)", "jmespath (<2.0.0,>=0.7.1)", "s3transfer"}, "x\n", folder);
  install(package, "botocore", version, "botocore",
          {"jmespath", "python-dateutil", "urllib3", "awscrt; extra == 'crt'"}, "y\n", folder);
  install(package, "jmespath", "1.0.1", "jmespath", {}, "z\n", folder);
  install(package, "s3transfer", "0.14.0", "s3transfer", {"botocore"}, "w\n", folder);
  install(package, "python_dateutil", "2.9.0", "dateutil", {"six >=1.5"}, "import six\n", folder);
  install(package, "six", "1.17.0", "six", {}, "v\n", folder);
  install(package, "urllib3", "2.6.0", "urllib3", {}, "u\n", folder);
}

SdkSet set_of(const MakePackage& maker, const FunctionTarget& target = python_target()) {
  const TestPackage made = maker.make();
  const auto languages = read_languages(made.package, made.inventory, 1);
  REQUIRE(languages);
  const auto sets = find_sdk_sets(made.package, made.inventory, *languages, target, 1);
  REQUIRE(sets);
  REQUIRE(sets->size() == 1);
  CHECK(sets->front().name == "boto3");
  return sets->front();
}

std::vector<std::string> names(const SdkSet& set) {
  std::vector<std::string> names;
  for (const SdkMember& member : set.members) names.push_back(member.name);
  return names;
}

const std::vector<std::string> kAll = {"boto3",      "botocore", "jmespath", "python-dateutil",
                                       "s3transfer", "six",      "urllib3"};

}  // namespace

TEST_CASE("a shipped SDK that is not newer than the runtime's may go with all that only it needs") {
  MakePackage package;
  install_boto3(package);
  package.file("app.py", "import boto3\nboto3.client('s3')\n");
  const SdkSet set = set_of(package);
  CHECK_MESSAGE(set.droppable, set.reason);
  CHECK(names(set) == kAll);
  CHECK(set.members[0].shipped == "1.40.60");
  CHECK(set.members[0].provided == "1.42.97");
  CHECK(set.reason.contains("1.42.97"));
  CHECK(set.files.size() == 7 * 3);
}

TEST_CASE("what something else requires or mentions stays, and with it what it needs") {
  MakePackage package;
  install_boto3(package);
  install(package, "pandas", "2.0", "pandas", {"python-dateutil>=2.8"});
  package.file("app.py", "import boto3, pandas\n");
  const SdkSet set = set_of(package);
  CHECK_MESSAGE(set.droppable, set.reason);
  CHECK(names(set) == std::vector<std::string>{"boto3", "botocore", "jmespath", "s3transfer", "urllib3"});

  MakePackage mentions;
  install_boto3(mentions);
  mentions.file("app.py", "import boto3\nfrom six import moves\n");
  CHECK(names(set_of(mentions)) ==
        std::vector<std::string>{"boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "urllib3"});
}

TEST_CASE("a name inside another word is no mention") {
  MakePackage package;
  install_boto3(package);
  package.file("app.py", "sixteen = 'my_urllib3x'\n");
  CHECK(names(set_of(package)) == kAll);
}

TEST_CASE("an extension module that no distribution owns keeps what it names") {
  MakePackage package;
  install_boto3(package);
  const std::string text = std::string(
                               "\x7F"
                               "ELF\0",
                               5) +
                           "six" + std::string(1, '\0');
  package.elf("own.so", {}, {text.begin(), text.end()});
  CHECK(names(set_of(package)) ==
        std::vector<std::string>{"boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "urllib3"});
}

TEST_CASE("a library that stays and has another major version than the runtime's keeps the whole SDK") {
  MakePackage package;
  install_boto3(package);
  install(package, "requests", "2.32", "requests", {"urllib3<3,>=1.21.1"});
  const SdkSet set = set_of(package);
  CHECK_FALSE(set.droppable);
  CHECK(set.reason.contains("urllib3 2.6.0"));
  CHECK(set.reason.contains("requests"));
  CHECK(names(set) == std::vector<std::string>{"boto3", "botocore", "jmespath", "s3transfer"});
}

TEST_CASE("an SDK that is newer than the runtime's stays") {
  MakePackage package;
  install_boto3(package, "1.43.0");
  const SdkSet set = set_of(package);
  CHECK_FALSE(set.droppable);
  CHECK(set.reason.contains("1.43.0 is newer than the 1.42.97"));
}

TEST_CASE("a distribution that pins botocore keeps it, although the runtime's version would do today") {
  for (const char* pin : {"botocore>=1.40.46,<1.40.62", "botocore==1.40.60", "botocore<1.50", "boto3~=1.40.0"}) {
    MakePackage package;
    install_boto3(package);
    install(package, "aiobotocore", "2.25", "aiobotocore", {pin});
    const SdkSet set = set_of(package);
    CHECK_MESSAGE(!set.droppable, pin);
    CHECK(set.reason.contains("aiobotocore"));
  }
  for (const char* range : {"boto3>=1.20,<2", "boto3", "botocore!=1.35.45", "boto3==1.9; extra == 'test'"}) {
    MakePackage package;
    install_boto3(package);
    install(package, "moto", "5.0", "moto", {range});
    CHECK_MESSAGE(set_of(package).droppable, range);
  }
}

TEST_CASE("a layer, another runtime and another folder keep the SDK") {
  MakePackage package;
  install_boto3(package);
  FunctionTarget layer = python_target();
  layer.is_layer = true;
  CHECK(set_of(package, layer).reason.contains("layer"));
  FunctionTarget provided;
  provided.runtime.id = "provided.al2023";
  CHECK(set_of(package, provided).reason.contains("has no boto3"));
  MakePackage elsewhere;
  install_boto3(elsewhere, "1.40.60", "vendor/");
  CHECK(set_of(elsewhere).reason.contains("vendor"));
}

TEST_CASE("an SDK with changed or added files stays") {
  MakePackage added;
  install_boto3(added);
  added.file("botocore/data/mine/service-2.json", "{}");
  CHECK(set_of(added).reason.contains("botocore/data/mine/service-2.json was added"));

  TestPackage made = [] {  // same length, other text
    MakePackage package;
    install_boto3(package);
    return package.make();
  }();
  made.package.files[made.at("botocore/__init__.py")].content = Content::from_text("Y\n");
  const auto languages = read_languages(made.package, made.inventory, 1);
  const auto sets = find_sdk_sets(made.package, made.inventory, *languages, python_target(), 1);
  REQUIRE(sets);
  CHECK_FALSE(sets->front().droppable);
  CHECK(sets->front().reason.contains("botocore/__init__.py was changed"));
}

TEST_CASE("awscrt, which the runtime does not have, keeps the botocore that it was made for") {
  MakePackage package;
  install_boto3(package);
  install(package, "awscrt", "0.27.6", "awscrt");
  CHECK_FALSE(set_of(package).droppable);
  CHECK(set_of(package).reason.contains("awscrt 0.27.6"));
}

TEST_CASE("a newer jmespath or s3transfer goes along when nothing else uses it, and keeps all when something does") {
  const auto with_newer = [](const std::string& app) {
    MakePackage package;
    install(package, "boto3", "1.40.60", "boto3", {"botocore", "jmespath", "s3transfer"});
    install(package, "botocore", "1.40.60", "botocore", {"jmespath"});
    install(package, "jmespath", "1.1.0", "jmespath");
    install(package, "s3transfer", "0.16.1", "s3transfer");
    package.file("app.py", app);
    return set_of(package);
  };
  CHECK(with_newer("import boto3\n").droppable);
  CHECK_FALSE(with_newer("import jmespath\n").droppable);
  CHECK_FALSE(with_newer("from s3transfer import manager\n").droppable);
}

TEST_CASE("an SDK without dist-info is shown and never dropped") {
  MakePackage package;
  package.file("boto3/__init__.py", "").file("botocore/__init__.py", "").file("botocore/x.py", "");
  const SdkSet set = set_of(package);
  CHECK_FALSE(set.droppable);
  CHECK(set.files.size() == 3);
  CHECK(set.reason.contains("dist-info"));
}

TEST_CASE("files that another distribution installed too are no part of the set, leftover bytecode is") {
  MakePackage package;
  install_boto3(package);
  package.file("boto3/__pycache__/gone.cpython-38.pyc", "");
  package.file("other-1.dist-info/METADATA", "Name: other\nVersion: 1\n");
  package.file("other-1.dist-info/RECORD", "s3transfer/__init__.py,,\n");
  const TestPackage made = package.make();
  const auto languages = read_languages(made.package, made.inventory, 1);
  const auto sets = find_sdk_sets(made.package, made.inventory, *languages, python_target(), 1);
  REQUIRE(sets);
  const SdkSet& set = sets->front();
  CHECK_MESSAGE(set.droppable, set.reason);
  CHECK_FALSE(std::ranges::binary_search(set.files, made.at("s3transfer/__init__.py")));
  CHECK(std::ranges::binary_search(set.files, made.at("boto3/__pycache__/gone.cpython-38.pyc")));
}
