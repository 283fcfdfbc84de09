// Does a Python source pass on a function that makes clients of AWS services, or call one of those that take or list
// any service? Then a service may be used whose name stands nowhere.
#pragma once

#include <string>
#include <string_view>

namespace lambdapack {

// "boto3.client without a call"; empty when there is none. Calls of client, resource and create_client themselves are
// PythonSource::calls. Comments and string constants do not count, but for getattr(session, "client").
std::string client_reference(std::string_view source);

}  // namespace lambdapack
