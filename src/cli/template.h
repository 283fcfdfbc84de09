// One function of a deployment template: AWS SAM, CloudFormation, or the Serverless Framework.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lambdapack {

struct UnknownProperty {
  std::string name;  // "Runtime", "Layers[1]", "Environment LD_LIBRARY_PATH"
  std::string why;   // "!Ref Layer is known only at deployment"
};

struct TemplateFunction {
  std::string file, name;                             // "template.yaml", "Hello"
  std::optional<std::string> runtime, handler, arch;  // arch: x86_64 when the template has none, as Lambda has it
  bool arch_is_default = false;
  std::vector<std::string> layers;               // folders and zips of this machine, in order
  std::map<std::string, std::string> variables;  // of the environment
  std::vector<std::string> unknown_variables;    // sorted
  std::vector<UnknownProperty> unknown;          // without variables, in the order above

  std::string origin() const;  // "template.yaml, function Hello"
};

// The function called `name`; with an empty name the only one that is no container image. Paths in it are relative to
// the template's folder. Errors: no such file, neither YAML nor JSON, no functions, several and no name, a container
// image, a property of the wrong kind; each with file and line.
Result<TemplateFunction> read_template(const std::string& path, const std::string& name);

// The same from memory: folder is where paths start, file how the template is called in messages.
Result<TemplateFunction> read_template_text(std::string_view text, const std::string& folder, const std::string& file,
                                            const std::string& name);

}  // namespace lambdapack
