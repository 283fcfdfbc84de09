// Something of everything that a strip tool has to leave alone: constructors, thread-local and relocated data,
// exceptions, templates, a weak symbol, and a table of pointers for packed relative relocations.
#include <algorithm>
#include <cstdio>
#include <map>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#define LP_TEXTS(n) "one " #n, "two " #n, "three " #n, "four " #n

namespace {

const char* const texts[] = {LP_TEXTS(1), LP_TEXTS(2), LP_TEXTS(3), LP_TEXTS(4), LP_TEXTS(5), LP_TEXTS(6)};
thread_local int calls = 0;

struct Registry {
  std::map<std::string, int> lengths;
  Registry() {
    for (const char* text : texts) lengths[text] = static_cast<int>(std::string(text).size());
  }
} registry;

}  // namespace

extern "C" __attribute__((weak)) int lp_offset() {
  return 7;
}

extern "C" __attribute__((visibility("default"))) int lp_answer(const char* key) {
  ++calls;
  try {
    return registry.lengths.at(key) + lp_offset();
  } catch (const std::out_of_range&) {
    std::vector<int> values(10);
    std::iota(values.begin(), values.end(), calls);
    std::ranges::reverse(values);
    return values.front();
  }
}

#ifdef LP_PROGRAM
int main() {
  std::printf("%d %d %d\n", lp_answer("one 1"), lp_answer("three 6"), lp_answer("missing"));
}
#endif
