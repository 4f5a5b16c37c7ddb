#include <cstdio>

int main() {
  std::fputs("edda " EDDA_VERSION "\n", stdout);
  return 0;
}
