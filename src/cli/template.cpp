// Which function of the template, and in whose language: the file is read, the function chosen, and the two dialects
// (sam_template.cpp, serverless_template.cpp) say what is in it.
#include "cli/template.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "base/bytes.h"
#include "cli/option_values.h"
#include "cli/template_dialects.h"

namespace lambdapack {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLargest = 8 << 20;  // bytes; CloudFormation takes 1 MB

std::string names_of(const std::vector<TemplateCandidate>& functions) {
  std::vector<std::string> names;
  for (const TemplateCandidate& each : functions) names.push_back(printable(each.name));
  const std::size_t all = names.size();
  names.resize(std::min<std::size_t>(all, 10));
  return fmt::format("{}{}", fmt::join(names, ", "), all > names.size() ? ", …" : "");
}

Result<TemplateCandidate> choose(const std::vector<TemplateCandidate>& functions, const std::string& file,
                                 const std::string& name) {
  if (functions.empty())
    return fail(file, "has no Lambda function of its own",
                "give the template with the AWS::Serverless::Function or AWS::Lambda::Function, not one that nests it");
  const auto is_image = [](const TemplateCandidate& each) { return each.image; };
  const auto refuse_image = [&](const TemplateCandidate& image) {
    return fail(
        fmt::format("{}:{}", file, image.node->line),
        fmt::format("function {} is a container image, which has no runtime and no layers", printable(image.name)),
        "lambdapack packs zips: name another function with --function, or leave --template out");
  };
  if (!name.empty()) {
    const auto found = std::ranges::find(functions, name, &TemplateCandidate::name);
    if (found != functions.end()) return found->image ? refuse_image(*found) : Result<TemplateCandidate>(*found);
    std::vector<std::string> names;
    for (const TemplateCandidate& each : functions) names.push_back(each.name);
    const std::string near = nearest(name, names);
    return fail("--function", fmt::format("{} has no function {}", file, printable(name)),
                near.empty() ? "it has " + names_of(functions) : fmt::format("did you mean {}?", printable(near)));
  }
  std::vector<TemplateCandidate> zips;
  std::ranges::remove_copy_if(functions, std::back_inserter(zips), is_image);
  if (zips.empty()) return refuse_image(functions.front());
  if (zips.size() == 1) return zips.front();
  return fail(file, fmt::format("has {} functions: {}", zips.size(), names_of(zips)),
              "choose one with --function NAME");
}

}  // namespace

std::string TemplateFunction::origin() const {
  return fmt::format("{}, function {}", file, printable(name));
}

Result<TemplateFunction> read_template_text(std::string_view text, const std::string& folder, const std::string& file,
                                            const std::string& name) {
  LP_TRY(const YamlTree tree, read_yaml(text, file));
  const YamlNode& root = tree.nodes[tree.root];
  const bool serverless = find_key(tree, root, "provider") != nullptr && find_key(tree, root, "functions") != nullptr;
  if (!serverless && find_key(tree, root, "Resources") == nullptr)
    return fail(file, "has neither Resources nor provider and functions",
                "give a template of AWS SAM or CloudFormation, or a serverless.yml");
  const TemplateContext context{tree, folder, file};
  LP_TRY(const TemplateCandidate chosen,
         choose(serverless ? serverless_functions(tree) : sam_functions(tree), file, name));
  return serverless ? read_serverless_function(context, chosen) : read_sam_function(context, chosen);
}

Result<TemplateFunction> read_template(const std::string& path, const std::string& name) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  if (error) return fail(printable(path), "cannot be read: " + error.message(), "give --template the name of a file");
  if (size > kLargest)
    return fail(printable(path), fmt::format("has {} bytes, more than any template", size),
                "give --template a template");
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in && !in.eof()) return fail(printable(path), "cannot be read", "give --template the name of a file");
  return read_template_text(text, fs::path(path).parent_path().string(), printable(path), name);
}

}  // namespace lambdapack
