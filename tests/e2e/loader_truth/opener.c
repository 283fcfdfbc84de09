/* Opens libraries by path, one after the other, as the process of a language runtime would. */
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i)
    if (dlopen(argv[i], RTLD_LAZY) == NULL) {
      fprintf(stderr, "opener: %s\n", dlerror());
      return 1;
    }
  return 0;
}
