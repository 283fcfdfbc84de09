// Edit distance over short names. Dropping letters is cheap and mixing up digits is not: "node22" means nodejs22.x, not
// nodejs20.x, and "python312" means python3.12.
#include "rules/near_names.h"

#include <algorithm>

#include <fmt/format.h>

namespace lambdapack {

namespace {

constexpr std::size_t kLongestName = 64;  // longer ones are no slip of a finger
constexpr int kDigit = 4;                 // price of a wrong, missing or extra digit; any other letter costs 1
constexpr int kFarthest = 5;

int price(char letter) {
  return letter >= '0' && letter <= '9' ? kDigit : 1;
}

int distance(std::string_view a, std::string_view b) {
  std::vector<int> row(b.size() + 1, 0);
  for (std::size_t j = 0; j < b.size(); ++j) row[j + 1] = row[j] + price(b[j]);
  for (std::size_t i = 0; i < a.size(); ++i) {
    int diagonal = row[0];
    row[0] += price(a[i]);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const int replaced = diagonal + (a[i] == b[j] ? 0 : std::max(price(a[i]), price(b[j])));
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j + 1] + price(a[i]), row[j] + price(b[j])});
    }
  }
  return row[b.size()];
}

}  // namespace

std::vector<std::string> near_names(std::string_view name, const std::vector<std::string>& known) {
  std::vector<std::string> nearest;
  if (name.size() > kLongestName) return nearest;
  int best = kFarthest;
  for (const std::string& candidate : known) {
    const int here = distance(name, candidate);
    if (here > best) continue;
    if (here < best) nearest.clear();
    best = here;
    if (nearest.size() < 3) nearest.push_back(candidate);
  }
  if (!nearest.empty() || name.empty()) return nearest;
  // "provided" is far from both provided.al2 and provided.al2023, and means one of them.
  for (const std::string& candidate : known)
    if (candidate.starts_with(name)) nearest.push_back(candidate);
  if (nearest.size() > 3) nearest.clear();
  return nearest;
}

std::string suggest_names(std::string_view name, const std::vector<std::string>& known, std::string_view listing) {
  const std::vector<std::string> near = near_names(name, known);
  if (near.empty()) return fmt::format("`{}` lists them", listing);
  return fmt::format("did you mean {}? `{}` lists all", fmt::join(near, " or "), listing);
}

}  // namespace lambdapack
