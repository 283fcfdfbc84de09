#include <cstdio>
int main() {
  std::puts("second");
}
