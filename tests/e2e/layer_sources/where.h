// Says from which folder the library was mapped that uses it: /proc/self/maps has the path behind an address. Not
// dladdr: a library that asks the loader where it lies may look for files there, and lambdapack would keep it.
#include <stdio.h>
#include <string.h>

static inline const char* folder_of(const void* address) {
  static char path[512];
  char line[768];
  FILE* maps = fopen("/proc/self/maps", "r");
  while (maps && fgets(line, sizeof line, maps)) {
    unsigned long from, to;
    char* slash;
    if (sscanf(line, "%lx-%lx", &from, &to) != 2) continue;
    if ((unsigned long)address < from || (unsigned long)address >= to) continue;
    char* name = strchr(line, '/');
    if (!name || !(slash = strrchr(name, '/'))) continue;
    *slash = 0;
    strncpy(path, name, sizeof path - 1);
    break;
  }
  if (maps) fclose(maps);
  return path;
}

#define WHERE(function) folder_of((const void*)function)
