// Templates as projects have them, in short. Each ends in .yaml, .yml or .json only in its name.
#include "cli/template.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <string>

using namespace lambdapack;

namespace {

namespace fs = std::filesystem;

Result<TemplateFunction> read(std::string_view text, const std::string& name = {}, const std::string& folder = {}) {
  return read_template_text(text, folder, "template.yaml", name);
}

TemplateFunction one(std::string_view text, const std::string& name = {}, const std::string& folder = {}) {
  auto function = read(text, name, folder);
  if (!function) FAIL(to_string(function.error()));
  return *std::move(function);
}

std::string error_of(std::string_view text, const std::string& name = {}) {
  const auto function = read(text, name);
  REQUIRE(!function);
  return to_string(function.error());
}

std::string unknowns(const TemplateFunction& function) {
  std::string all;
  for (const UnknownProperty& each : function.unknown) all += each.name + ": " + each.why + "\n";
  return all;
}

// A folder with some folders in it, gone with the test.
struct Layers {
  explicit Layers(std::initializer_list<const char*> names) {
    std::string path = (fs::temp_directory_path() / "lambdapack-template-XXXXXX").string();
    REQUIRE(mkdtemp(path.data()) != nullptr);
    folder = path;
    for (const char* name : names) fs::create_directories(folder / name);
  }
  ~Layers() { fs::remove_all(folder); }
  Layers(const Layers&) = delete;
  Layers& operator=(const Layers&) = delete;
  std::string path(const char* name) const { return (folder / name).string(); }
  fs::path folder;
};

constexpr const char* kShop = R"(
AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Description: An online shop
Parameters:
  Stage:
    Type: String
    Default: dev
  Table:
    Type: String
  Secret:
    Type: AWS::SSM::Parameter::Value<String>
    Default: /shop/secret
Globals:
  Function:
    Runtime: python3.12
    Timeout: 30
    Architectures: [arm64]
    Layers:
      - !Ref Common
    Environment:
      Variables:
        STAGE: !Ref Stage
        LOG_LEVEL: INFO
        LD_LIBRARY_PATH: /opt/lib
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: orders/
      Handler: app.handler
      Layers: [!Ref Native]
      Environment:
        Variables:
          LOG_LEVEL: DEBUG
          TABLE: !Ref Table
          QUEUE_URL: !Ref Queue
          SECRET: !Ref Secret
          DATA: !Sub '/var/task/${Stage}/${AWS::Region}'
          HOME_DIR: !Sub '/tmp/${Stage}-${!kept}'
      Events:
        Api: {Type: HttpApi, Properties: {Path: /orders, Method: get}}
  Invoices:
    Type: AWS::Serverless::Function
    IgnoreGlobals: [Layers, Environment]
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      Environment: {Variables: {ONLY: mine}}
  Common:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: layers/common, CompatibleRuntimes: [python3.12]}
  Native:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: ./layers/native}
  Queue:
    Type: AWS::SQS::Queue
)";

}  // namespace

TEST_CASE("SAM: globals are merged as SAM merges them, and only what the template decides is known") {
  const Layers layers{"layers/common", "layers/native"};
  const TemplateFunction orders = one(kShop, "Orders", layers.folder.string());
  CHECK(orders.origin() == "template.yaml, function Orders");
  CHECK(orders.runtime == "python3.12");
  CHECK(orders.handler == "app.handler");
  CHECK(orders.arch == "arm64");
  CHECK(!orders.arch_is_default);
  CHECK(orders.layers == std::vector{layers.path("layers/common"), layers.path("layers/native")});
  CHECK(orders.variables == std::map<std::string, std::string>{{"HOME_DIR", "/tmp/dev-${kept}"},
                                                               {"LD_LIBRARY_PATH", "/opt/lib"},
                                                               {"LOG_LEVEL", "DEBUG"},
                                                               {"STAGE", "dev"}});
  CHECK(orders.unknown_variables == std::vector<std::string>{"DATA", "QUEUE_URL", "SECRET", "TABLE"});
  CHECK(unknowns(orders).empty());

  const TemplateFunction invoices = one(kShop, "Invoices", layers.folder.string());
  CHECK(invoices.runtime == "nodejs22.x");
  CHECK(invoices.layers.empty());
  CHECK(invoices.variables == std::map<std::string, std::string>{{"ONLY", "mine"}});
  CHECK(invoices.arch == "arm64");
}

TEST_CASE("several functions need a name, and a slip of the pen gets a suggestion") {
  CHECK(error_of(kShop) == "template.yaml: has 2 functions: Orders, Invoices; choose one with --function NAME");
  CHECK(error_of(kShop, "Order") == "--function: template.yaml has no function Order; did you mean Orders?");
  CHECK(error_of(kShop, "xyz") == "--function: template.yaml has no function xyz; it has Orders, Invoices");
}

TEST_CASE("SAM: a layer that is elsewhere, not there, or made by sam build is unknown") {
  const TemplateFunction function = one(R"(
Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Layers:
        - arn:aws:lambda:eu-west-1:123456789012:layer:tools:3
        - !Sub arn:aws:lambda:${AWS::Region}:017000801446:layer:AWSLambdaPowertoolsPythonV3-python312-x86_64:7
        - {Ref: Gone}
        - !Ref Made
        - !Ref Remote
        - !If [IsProd, !Ref Gone, !Ref Made]
        - !Ref AWS::NoValue
  Gone: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: no/such/folder}}
  Made: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: deps}, Metadata: {BuildMethod: python3.12}}
  Remote: {Type: AWS::Lambda::LayerVersion, Properties: {Content: {S3Bucket: b, S3Key: k}}}
)");
  CHECK(function.layers.empty());
  CHECK(unknowns(function) ==
        "Layers[0]: arn:aws:lambda:eu-west-1:123456789012:layer:tools:3 is not on this machine\n"
        "Layers[1]: !Ref AWS::Region is known only at deployment\n"
        "Layers[2]: no/such/folder is not there\n"
        "Layers[3]: Made is made by sam build; give .aws-sam/build/template.yaml\n"
        "Layers[4]: it is a map\n"
        "Layers[5]: !If IsProd is decided at deployment\n");
  CHECK(!function.runtime);
  CHECK(function.arch == "x86_64");
  CHECK(function.arch_is_default);
}

TEST_CASE("CloudFormation in JSON: long forms, maps, joins, and no globals") {
  const TemplateFunction function = one(R"json({
  "Description": "\ud83d\ude80 and a tab:	.",
  "Mappings": {"Runtimes": {"python": {"name": "python3.13"}}},
  "Parameters": {"Language": {"Type": "String", "Default": "python"}, "Arch": {"Type": "String"}},
  "Globals": {"Function": {"Handler": "wrong.handler"}},
  "Resources": {
    "Worker": {
      "Type": "AWS::Lambda::Function",
      "Properties": {
        "Code": {"S3Bucket": {"Ref": "Bucket"}, "S3Key": "worker.zip"},
        "Runtime": {"Fn::FindInMap": ["Runtimes", {"Ref": "Language"}, "name"]},
        "Handler": {"Fn::Join": [".", ["worker", {"Fn::Select": ["1", {"Fn::Split": ["-", "a-run-b"]}]}]]},
        "Architectures": [{"Ref": "Arch"}],
        "Environment": {"Variables": {
          "FONTCONFIG_PATH": {"Fn::Join": ["/", ["", "opt", "etc"]]},
          "ROLE": {"Fn::GetAtt": ["Role", "Arn"]},
          "TOKEN": "{{resolve:secretsmanager:token}}",
          "RETRIES": 3,
          "SAME": {"Fn::If": ["X", "yes", "yes"]}
        }}
      }
    }
  }
})json");
  CHECK(function.runtime == "python3.13");
  CHECK(function.handler == "worker.run");
  CHECK(!function.arch);
  CHECK(unknowns(function) == "Architectures: parameter Arch has no Default\n");
  CHECK(function.variables ==
        std::map<std::string, std::string>{{"FONTCONFIG_PATH", "/opt/etc"}, {"RETRIES", "3"}, {"SAME", "yes"}});
  CHECK(function.unknown_variables == std::vector<std::string>{"ROLE", "TOKEN"});
}

TEST_CASE("a container image has no zip; beside one function with a zip it is no choice") {
  const std::string image = R"(
Globals: {Function: {Timeout: 3}}
Resources:
  Picture:
    Type: AWS::Serverless::Function
    Properties: {PackageType: Image, ImageConfig: {Command: [app.handler]}}
    Metadata: {Dockerfile: Dockerfile, DockerContext: ./src}
)";
  CHECK(error_of(image).starts_with("template.yaml:5: function Picture is a container image"));
  CHECK(error_of(image, "Picture").starts_with("template.yaml:5: function Picture is a container image"));
  const TemplateFunction function = one(
      image + "  Zip: {Type: AWS::Serverless::Function, Properties: {Runtime: provided.al2023, Handler: bootstrap}}\n");
  CHECK(function.name == "Zip");
  CHECK(function.runtime == "provided.al2023");
}

TEST_CASE("Architectures of globals and function are joined, so two that differ are unknown") {
  const TemplateFunction function = one(R"(
Globals: {Function: {Architectures: [x86_64], Layers: [!Ref A]}}
Resources:
  F: {Type: AWS::Serverless::Function, Properties: {Architectures: [arm64], Layers: !Ref AllLayers}}
)");
  CHECK(!function.arch);
  CHECK(unknowns(function) ==
        "Architectures: it has 2 entries, those of Globals counted, and Lambda takes one\n"
        "Layers: !Ref AllLayers is known only at deployment\n");
}

TEST_CASE("a text where a list or map belongs is unknown with a reason") {
  const TemplateFunction function = one(R"(
Parameters: {P: {Type: String, Default: arm64}}
Resources:
  F: {Type: AWS::Lambda::Function, Properties: {Layers: text, Architectures: !Ref P, Environment: !Ref P}}
)");
  CHECK(unknowns(function) == "Architectures: it is no list\nLayers: it is no list\nEnvironment: it is no map\n");
}

TEST_CASE("anchors and merge keys, as SAM's own reader takes them") {
  const TemplateFunction function = one(R"(
x-common: &common
  Runtime: ruby3.3
  Handler: app.handler
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      <<: *common
      Handler: other.handler
      Environment: {Variables: &vars {A: '1'}}
  G:
    Type: AWS::Serverless::Function
    Properties: {<<: [*common], Environment: {Variables: {<<: *vars, B: two}}}
)",
                                        "G");
  CHECK(function.runtime == "ruby3.3");
  CHECK(function.handler == "app.handler");
  CHECK(function.variables == std::map<std::string, std::string>{{"A", "1"}, {"B", "two"}});
}

TEST_CASE("serverless.yml: the provider's settings, the function's own, and variables of the file") {
  const Layers layers{"layers/ffmpeg"};
  constexpr const char* text = R"(
service: pictures
frameworkVersion: '4'
custom:
  runtime: nodejs22.x
  lib: /opt/lib
  deep: {path: '${self:custom.lib}:/opt/more'}
provider:
  name: aws
  runtime: ${self:custom.runtime}
  architecture: arm64
  stage: ${opt:stage, 'dev'}
  environment:
    STAGE: ${self:provider.stage}
    LD_LIBRARY_PATH: ${self:custom.deep.path}
    SHARED: all
functions:
  resize:
    handler: src/resize.handler
    layers:
      - {Ref: FfmpegLambdaLayer}
      - arn:aws:lambda:us-east-1:1:layer:x:1
    environment:
      SHARED: mine
      KEY: ${ssm:/pictures/key}
  legacy:
    handler: legacy.run
    runtime: python3.12
    architecture: x86_64
  container:
    image: 123.dkr.ecr.eu-west-1.amazonaws.com/repo:1
layers:
  ffmpeg: {path: layers/ffmpeg}
)";
  const TemplateFunction resize = one(text, "resize", layers.folder.string());
  CHECK(resize.runtime == "nodejs22.x");
  CHECK(resize.handler == "src/resize.handler");
  CHECK(resize.arch == "arm64");
  CHECK(resize.layers == std::vector{layers.path("layers/ffmpeg")});
  CHECK(resize.variables ==
        std::map<std::string, std::string>{{"LD_LIBRARY_PATH", "/opt/lib:/opt/more"}, {"SHARED", "mine"}});
  CHECK(resize.unknown_variables == std::vector<std::string>{"KEY", "STAGE"});
  CHECK(unknowns(resize) == "layers[1]: arn:aws:lambda:us-east-1:1:layer:x:1 is not on this machine\n");
  const TemplateFunction legacy = one(text, "legacy");
  CHECK(legacy.runtime == "python3.12");
  CHECK(legacy.arch == "x86_64");
  CHECK(error_of(text, "container").starts_with("template.yaml:"));
}

TEST_CASE("errors say the file, the line, and what to do") {
  CHECK(error_of("Resources:\n  F: [1, 2\n  G: {}\n").starts_with("template.yaml:3: is neither YAML nor JSON: "));
  CHECK(error_of("") == "template.yaml: is empty; give a template");
  CHECK(error_of("a: 1\n").starts_with("template.yaml: has neither Resources nor provider and functions; "));
  CHECK(error_of("just text").starts_with("template.yaml: has neither Resources"));
  CHECK(error_of("Resources:\n  App: {Type: AWS::Serverless::Application}\n")
            .starts_with("template.yaml: has no Lambda function of its own; "));
  CHECK(error_of("Resources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties:\n      Runtime: [a, b]\n") ==
        "template.yaml:5: Runtime of function F is a list, not a text; correct the template");
  CHECK(error_of(
            "Resources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties:\n      Environment: {Variables: x}\n")
            .starts_with("template.yaml:5: Environment.Variables of function F is no map; "));
  CHECK(error_of("a: *b\nb: &b 1\n").starts_with("template.yaml:1: *b names no anchor that is complete before it; "));
  CHECK(error_of("a: &a [*a]\n").starts_with("template.yaml:1: *a names no anchor"));
  CHECK(error_of(std::string(200, '[')).starts_with("template.yaml:1: is nested deeper than 100; "));
}

TEST_CASE("alias bombs end soon, whatever they are hung on") {
  std::string bomb = "a0: &a0 ['x', 'x']\n";
  for (int i = 1; i < 60; ++i) bomb += fmt::format("a{0}: &a{0} !Join ['', [*a{1}, *a{1}, *a{1}]]\n", i, i - 1);
  bomb += "m0: &m0 {A: b}\n";
  for (int i = 1; i < 60; ++i) bomb += fmt::format("m{0}: &m{0} {{<<: [*m{1}, *m{1}], k{0}: v}}\n", i, i - 1);
  bomb +=
      "Resources:\n  F: {Type: AWS::Lambda::Function, Properties: {Runtime: *a59, Environment: {Variables: {<<: *m59, "
      "B: *a59}}}}\n";
  const auto start = std::chrono::steady_clock::now();
  const TemplateFunction function = one(bomb);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
  CHECK(!function.runtime);
  CHECK(function.variables.contains("A"));
  CHECK(function.unknown_variables == std::vector<std::string>{"B"});

  std::string wide = "Resources: {F: {Type: AWS::Lambda::Function}}\nlist: [";
  for (int i = 0; i < 250'000; ++i) wide += "1,";
  CHECK(error_of(wide + "]\n").find("has more than 200000 values") != std::string::npos);
}
