// Whether a Java class can open native libraries: what its constant pool refers to.
#pragma once

#include "base/bytes.h"

namespace lambdapack {

// True for a class file that calls System.load, System.loadLibrary or their Runtime twins, that looks symbols up
// through java.lang.foreign, or that uses JNA, JNR or JavaCPP. In a class file the class and the method are two
// constants apart, so a search for "System.load" never finds one. False for what is no class file; true for one whose
// constants are damaged.
bool opens_native_libraries(Bytes class_file);

}  // namespace lambdapack
