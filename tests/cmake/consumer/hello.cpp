#include <cstdio>
#include "text.h"
int main() {
  std::puts("hello: " TEXT);
}
