#include "image/pickle.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "image/pickle_objects.hpp"

// The opcodes are those that Python's pickletools documents.

namespace osprey::image {

namespace {

using Kind = Value::Kind;

// numpy's pickles have some 60 opcodes. This bounds the stack, the memo and the objects as well.
constexpr int kMaxOpcodes = 512;

class Reader {
 public:
  explicit Reader(std::span<const std::byte> pickle) : pickle_(pickle), objects_(pickle.size()) {}

  Result<PickledArray> read();

 private:
  // Each handles one opcode or one part of it, and fails for what an array's pickle does not have there.
  Status step(unsigned char opcode);
  Status push_integer(unsigned char opcode);
  Status push_decimal(bool with_suffix);
  Status push_blob(Kind kind, std::size_t length_bytes);
  Status push_tuple(std::size_t count);
  Status push_tuple_from_mark();
  Status push_name(std::string_view module, std::string_view name);
  Status stack_global();
  Status put(std::optional<std::uint64_t> index);
  Status get(std::optional<std::uint64_t> index);
  Status reduce();
  Status build();

  std::optional<std::uint64_t> take_unsigned(std::size_t bytes);
  std::optional<std::span<const std::byte>> take(std::uint64_t count);
  std::optional<std::string_view> take_line();
  std::optional<std::uint64_t> take_line_number();
  std::optional<Value> pop();
  // How many values lie above the topmost mark, or on the whole stack.
  [[nodiscard]] std::size_t above_mark() const;
  [[nodiscard]] Error refuse(std::string_view what) const {
    return {Code::invalid_argument, std::string(what) + " (byte " + std::to_string(opcode_at_) + ")"};
  }
  [[nodiscard]] Error malformed() const { return refuse("malformed or cut off data"); }
  void push(Kind kind, std::int64_t integer = 0) { stack_.push_back({.kind = kind, .integer = integer}); }

  std::span<const std::byte> pickle_;
  std::size_t position_ = 0;
  std::size_t opcode_at_ = 0;
  std::vector<Value> stack_;
  std::map<std::uint64_t, Value> memo_;
  NumpyObjects objects_;
};

std::optional<std::span<const std::byte>> Reader::take(std::uint64_t count) {
  if (count > pickle_.size() - position_) return std::nullopt;
  const auto taken = pickle_.subspan(position_, static_cast<std::size_t>(count));
  position_ += taken.size();
  return taken;
}

std::optional<std::uint64_t> Reader::take_unsigned(std::size_t bytes) {
  const auto taken = take(bytes);
  if (!taken) return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t i = bytes; i-- > 0;) value = value << 8 | std::to_integer<std::uint64_t>((*taken)[i]);
  return value;
}

std::optional<std::string_view> Reader::take_line() {
  const std::string_view rest = as_text(pickle_.subspan(position_));
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  position_ += end + 1;
  return rest.substr(0, end);
}

std::optional<std::uint64_t> Reader::take_line_number() {
  const auto line = take_line();
  std::uint64_t value = 0;
  if (!line) return std::nullopt;
  const auto [end, error] = std::from_chars(line->data(), line->data() + line->size(), value);
  return error == std::errc{} && end == line->data() + line->size() ? std::optional(value) : std::nullopt;
}

std::optional<Value> Reader::pop() {
  if (stack_.empty() || stack_.back().kind == Kind::mark) return std::nullopt;
  const Value value = stack_.back();
  stack_.pop_back();
  return value;
}

Status Reader::push_integer(unsigned char opcode) {
  std::optional<std::uint64_t> bits;
  std::size_t size = 0;
  switch (opcode) {
    case 'K': bits = take_unsigned(1); break;
    case 'M': bits = take_unsigned(2); break;
    case 'J':
      bits = take_unsigned(4);
      if (bits) bits = static_cast<std::uint64_t>(static_cast<std::int32_t>(*bits));
      break;
    default:  // LONG1: two's complement of a stated number of bytes
      size = static_cast<std::size_t>(take_unsigned(1).value_or(9));
      if (size > 8) return refuse("an integer of more than 64 bits");
      bits = take_unsigned(size);
      if (bits && size > 0 && size < 8 && (*bits >> (8 * size - 1)) != 0) *bits |= ~std::uint64_t{0} << (8 * size);
  }
  if (!bits) return malformed();
  push(Kind::integer, static_cast<std::int64_t>(*bits));
  return {};
}

Status Reader::push_decimal(bool with_suffix) {
  auto line = take_line();
  if (!line) return malformed();
  if (!with_suffix && (*line == "00" || *line == "01")) {  // the booleans of protocols 0 and 1
    push(Kind::boolean, *line == "01");
    return {};
  }
  if (with_suffix && line->ends_with('L')) line->remove_suffix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(line->data(), line->data() + line->size(), value);
  if (error != std::errc{} || end != line->data() + line->size()) return malformed();
  push(Kind::integer, value);
  return {};
}

Status Reader::push_blob(Kind kind, std::size_t length_bytes) {
  const auto length = take_unsigned(length_bytes);
  const auto bytes = length ? take(*length) : std::nullopt;
  if (!bytes) return malformed();
  stack_.push_back({.kind = kind, .bytes = *bytes});
  return {};
}

std::size_t Reader::above_mark() const {
  const auto mark = std::ranges::find(stack_.rbegin(), stack_.rend(), Kind::mark, &Value::kind);
  return static_cast<std::size_t>(mark - stack_.rbegin());
}

Status Reader::push_tuple(std::size_t count) {
  if (count > above_mark()) return malformed();
  const Value tuple = objects_.make_tuple(std::span(stack_).last(count));
  stack_.resize(stack_.size() - count);
  stack_.push_back(tuple);
  return {};
}

Status Reader::push_tuple_from_mark() {
  const std::size_t count = above_mark();
  if (count == stack_.size()) return malformed();  // there is no mark
  const Value tuple = objects_.make_tuple(std::span(stack_).last(count));
  stack_.resize(stack_.size() - count - 1);
  stack_.push_back(tuple);
  return {};
}

Status Reader::push_name(std::string_view module, std::string_view name) {
  const auto meaning = known_name(module, name);
  if (!meaning) return refuse("the name " + quoted(module) + " " + quoted(name) + ", which no array has");
  push(Kind::name, static_cast<std::int64_t>(*meaning));
  return {};
}

Status Reader::stack_global() {
  const auto name = pop();
  const auto module = name ? pop() : std::nullopt;
  if (!module || module->kind != Kind::text || name->kind != Kind::text) return malformed();
  return push_name(as_text(module->bytes), as_text(name->bytes));
}

Status Reader::put(std::optional<std::uint64_t> index) {
  if (!index || stack_.empty() || stack_.back().kind == Kind::mark) return malformed();
  memo_.insert_or_assign(*index, stack_.back());
  return {};
}

Status Reader::get(std::optional<std::uint64_t> index) {
  const auto found = index ? memo_.find(*index) : memo_.end();
  if (found == memo_.end()) return malformed();
  stack_.push_back(found->second);
  return {};
}

Status Reader::reduce() {
  const auto arguments = pop();
  const auto function = arguments ? pop() : std::nullopt;
  if (!function || arguments->kind != Kind::tuple) return malformed();
  if (function->kind != Kind::name) return refuse("a call of something that is not a function");
  const Result<Value> made = objects_.call(static_cast<Name>(function->integer), objects_.items(*arguments));
  if (!made) return refuse(made.error().message);
  stack_.push_back(*made);
  return {};
}

Status Reader::build() {
  const auto state = pop();
  if (!state || state->kind != Kind::tuple || stack_.empty()) return malformed();
  const Status built = objects_.build(stack_.back(), objects_.items(*state));
  return built ? Status{} : refuse(built.error().message);
}

Status Reader::step(unsigned char opcode) {
  switch (opcode) {
    case 0x80: {  // PROTO
      const auto version = take_unsigned(1);
      if (!version) return malformed();
      if (*version > 5) return refuse("pickle protocol " + std::to_string(*version) + ": must be 0 to 5");
      return {};
    }
    case 0x95: {  // FRAME: only a hint for reading from a stream, but one that lies is no good sign
      const auto length = take_unsigned(8);
      return length && *length <= pickle_.size() - position_ ? Status{} : malformed();
    }
    case '(': push(Kind::mark); return {};
    case 'N': push(Kind::none); return {};
    case 0x88: push(Kind::boolean, 1); return {};
    case 0x89: push(Kind::boolean, 0); return {};
    case 'I': return push_decimal(false);
    case 'L': return push_decimal(true);
    case 'K':
    case 'M':
    case 'J':
    case 0x8A: return push_integer(opcode);
    case 'C': return push_blob(Kind::bytes, 1);   // SHORT_BINBYTES
    case 'B': return push_blob(Kind::bytes, 4);   // BINBYTES
    case 0x8E:                                    // BINBYTES8
    case 0x96: return push_blob(Kind::bytes, 8);  // BYTEARRAY8
    case 0x8C: return push_blob(Kind::text, 1);   // SHORT_BINUNICODE
    case 'X': return push_blob(Kind::text, 4);    // BINUNICODE
    case 0x8D: return push_blob(Kind::text, 8);   // BINUNICODE8
    case 'V': {                                   // UNICODE
      const auto line = take_line();
      if (!line) return malformed();
      stack_.push_back({.kind = Kind::text, .bytes = std::as_bytes(std::span(*line)), .escaped = true});
      return {};
    }
    case ')': return push_tuple(0);
    case 0x85: return push_tuple(1);
    case 0x86: return push_tuple(2);
    case 0x87: return push_tuple(3);
    case 't': return push_tuple_from_mark();
    case 'c': {  // GLOBAL
      const auto module = take_line();
      const auto name = module ? take_line() : std::nullopt;
      return name ? push_name(*module, *name) : malformed();
    }
    case 0x93: return stack_global();
    case 0x94: return put(memo_.size());  // MEMOIZE
    case 'p': return put(take_line_number());
    case 'q': return put(take_unsigned(1));
    case 'r': return put(take_unsigned(4));
    case 'g': return get(take_line_number());
    case 'h': return get(take_unsigned(1));
    case 'j': return get(take_unsigned(4));
    case 'R': return reduce();
    case 'b': return build();
    case 0x97: return refuse("data outside of the pickle (an out-of-band buffer)");
    default: return refuse("opcode " + std::to_string(opcode) + ", which no array has");
  }
}

Result<PickledArray> Reader::read() {
  for (int count = 0; count < kMaxOpcodes; ++count) {
    opcode_at_ = position_;
    const auto opcode = take_unsigned(1);
    if (!opcode) return malformed();
    if (*opcode != '.') {
      if (Status done = step(static_cast<unsigned char>(*opcode)); !done) return done.error();
      continue;
    }
    const auto top = pop();
    if (!top) return malformed();
    Result<PickledArray> array = objects_.take_array(*top);
    if (!array) return refuse(array.error().message);
    return array;
  }
  return refuse("more opcodes than an array needs");
}

}  // namespace

Result<PickledArray> read_pickled_array(std::span<const std::byte> pickle) {
  return Reader(pickle).read();
}

}  // namespace osprey::image
