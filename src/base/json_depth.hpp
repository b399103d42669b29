// How deep JSON text is nested, before a parser that recurses is let at it.
#pragma once

#include <string_view>

namespace osprey {

/// Whether more than `limit` lists and objects are open at a time. Brackets within strings do not count; of text that
/// is no JSON the answer is as good as any, for the parser refuses it.
[[nodiscard]] bool is_nested_deeper(std::string_view json, int limit);

}  // namespace osprey
