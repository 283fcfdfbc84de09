// Reports with every section filled, for the goldens: no real package shows all of them at once.
#pragma once

#include "report/report.h"

namespace lambdapack {

Report sample_pack();     // a Python function, packed: every section has something to say
Report sample_analyze();  // a folder with errors, a limit exceeded, a name that is no UTF-8
Report sample_nothing();  // one file, nothing to save, nothing wrong

}  // namespace lambdapack
