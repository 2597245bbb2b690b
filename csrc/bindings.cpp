// The Python side: takes any array, checks shapes and types, and hands pointers and strides to the kernels.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <initializer_list>
#include <sstream>
#include <vector>

#include "docs.hpp"
#include "kernels.hpp"
#include "pool.hpp"

namespace py = pybind11;
using py::detail::npy_api;

namespace genai {
namespace {

constexpr double kReleaseGil = 1e5;  // handing over the GIL costs more than this many operations

// ---- arrays ----

// The one dtype object of native float32 or float64.
template <class T> PyObject* native() {
  static PyObject* const descr = py::dtype::of<T>().release().ptr();
  return descr;
}

// An array's parts without pybind11's reference counting around each access. Axes below 0 count from the end.
struct Array {
  py::object owner;
  const py::detail::PyArray_Proxy* raw = nullptr;

  Array() = default;
  explicit Array(py::object o) : owner(std::move(o)), raw(py::detail::array_proxy(owner.ptr())) {}

  int ndim() const { return raw ? raw->nd : 0; }
  Index shape(int axis) const { return raw->dimensions[axis < 0 ? axis + raw->nd : axis]; }
  template <class T> Index step(int axis) const {
    return raw->strides[axis < 0 ? axis + raw->nd : axis] / Index(sizeof(T));
  }
  template <class T> T* data() const { return reinterpret_cast<T*>(raw->data); }
  template <class T> View<T> matrix() const { return {data<T>(), step<T>(-2), step<T>(-1)}; }
  bool has(int flag) const { return raw->flags & flag; }
  py::dtype dtype() const { return py::reinterpret_borrow<py::dtype>(raw->descr); }
};

Array array_of(py::handle any) { return Array(py::array(py::reinterpret_borrow<py::object>(any))); }

template <class T> Array new_array(int ndim, const Py_intptr_t* shape) {
  Py_INCREF(native<T>());  // NewFromDescr takes it
  const npy_api& numpy = npy_api::get();
  PyObject* a = numpy.PyArray_NewFromDescr_(numpy.PyArray_Type_, native<T>(), ndim, shape, nullptr, nullptr,
                                            0, nullptr);
  if (!a) throw py::error_already_set();
  return Array(py::reinterpret_steal<py::object>(a));
}

// ---- errors ----

struct Shape {
  const Py_intptr_t* length;
  int ndim;
};
std::ostream& operator<<(std::ostream& to, Shape shape) {
  to << '(';
  for (int i = 0; i < shape.ndim; ++i) to << (i ? ", " : "") << shape.length[i];
  return to << (shape.ndim == 1 ? ",)" : ")");
}
std::ostream& operator<<(std::ostream& to, const Array& a) {
  return to << Shape{a.raw->dimensions, a.ndim()};
}
std::ostream& operator<<(std::ostream& to, const py::dtype& type) { return to << std::string(py::str(type)); }

template <class Error, class... Parts> [[noreturn]] void fail(const Parts&... parts) {
  std::ostringstream text;
  (text << ... << parts);
  throw Error(text.str());
}

// ---- what comes in ----

struct Named {
  const char* name;
  py::handle value;
};

// What the kernels can use as it is: native byte order, aligned, so that strides count whole elements.
template <class T> bool usable(const Named& arg) {
  if (!npy_api::get().PyArray_Check_(arg.value.ptr())) return false;
  const auto* raw = py::detail::array_proxy(arg.value.ptr());
  return raw->descr == native<T>() && (raw->flags & npy_api::NPY_ARRAY_ALIGNED_);
}

Array numbers(const char* function, const Named& arg) {
  const Array array = array_of(arg.value);
  const py::dtype type = array.dtype();
  if (!std::strchr("biuf", type.kind()) || (type.kind() == 'f' && type.itemsize() > 8))
    fail<py::type_error>(function, ": ", arg.name, " has dtype ", type, "; expected float32 or float64, ",
                         "or bool, integers or float16, which are converted");
  return array;
}

// The operands in a common type as NumPy finds it: float32 if it says float32 or float16, else float64. Calls
// `use` with a T() and the arrays.
template <std::size_t N, class Use>
py::object with_floats(const char* function, const Named (&args)[N], const Use& use) {
  Array in[N];
  const auto as_they_are = [&]<class T>(T) {
    if (!std::all_of(args, args + N, usable<T>)) return false;
    for (std::size_t i = 0; i < N; ++i) in[i] = Array(py::reinterpret_borrow<py::object>(args[i].value));
    return true;
  };
  const auto convert = [&]<class T>(T) {
    constexpr int flags = int(npy_api::NPY_ARRAY_ALIGNED_) | int(py::array::forcecast);
    for (Array& a : in) a = Array(py::array_t<T, flags>(a.owner));
  };
  if (as_they_are(float())) return use(float(), in);
  if (as_they_are(double())) return use(double(), in);
  py::list dtypes;
  for (std::size_t i = 0; i < N; ++i) dtypes.append((in[i] = numbers(function, args[i])).dtype());
  const py::dtype common = py::module_::import("numpy").attr("result_type")(*dtypes);
  if (common.kind() == 'f' && common.itemsize() <= 4) return convert(float()), use(float(), in);
  return convert(double()), use(double(), in);
}

// ---- what goes out ----

// May two arrays share memory? Compares the bytes from the first to the last element of each.
bool may_overlap(const Array& a, const Array& b) {
  const char *low[2], *high[2];
  for (const int i : {0, 1}) {
    const Array& x = i ? b : a;
    low[i] = high[i] = x.raw->data;
    for (int d = 0; d < x.ndim(); ++d) {
      if (x.shape(d) == 0) return false;
      (x.raw->strides[d] < 0 ? low : high)[i] += (x.shape(d) - 1) * x.raw->strides[d];
    }
  }
  return low[0] <= high[1] + 7 && low[1] <= high[0] + 7;  // the last element has up to eight bytes
}

// Where a kernel writes: a new array, or `out` itself if the kernel can write there (its last axis must be
// contiguous, and it may be an input only if `in_place`), or else a new array that is copied to `out` at the
// end.
template <class T> struct Output {
  Array array, target;

  template <std::size_t N>
  Output(const char* function, py::handle out, Shape shape, const Array (&inputs)[N], bool in_place = false) {
    if (!out.is_none()) {
      if (!py::isinstance<py::array>(out))
        fail<py::type_error>(function, ": out must be an array, not ", Py_TYPE(out.ptr())->tp_name);
      target = array_of(out);
      const Index* dims = target.raw->dimensions;
      if (!std::equal(dims, dims + target.ndim(), shape.length, shape.length + shape.ndim))
        fail<py::value_error>(function, ": out has shape ", target, ", the result has shape ", shape);
      if (target.raw->descr != native<T>())
        fail<py::type_error>(function, ": out has dtype ", target.dtype(), ", the result has dtype ",
                             py::dtype::of<T>());
      if (!target.has(npy_api::NPY_ARRAY_WRITEABLE_)) fail<py::value_error>(function, ": out is read-only");
      const auto harmless = [&](const Array& input) {
        return !input.raw || !may_overlap(input, target) ||
               (in_place && input.raw->data == target.raw->data && input.ndim() == target.ndim() &&
                std::equal(input.raw->strides, input.raw->strides + input.ndim(), target.raw->strides));
      };
      const bool in_order = in_place || shape.ndim == 0 || target.shape(-1) <= 1 || target.step<T>(-1) == 1;
      if (in_order && target.has(npy_api::NPY_ARRAY_ALIGNED_) &&
          std::all_of(std::begin(inputs), std::end(inputs), harmless)) {
        array = target;
        return;
      }
    }
    array = new_array<T>(shape.ndim, shape.length);
  }

  py::object finish() {
    if (!target.raw) return array.owner;
    if (target.raw != array.raw &&
        npy_api::get().PyArray_CopyInto_(target.owner.ptr(), array.owner.ptr()) != 0)
      throw py::error_already_set();
    return target.owner;
  }
};

// ---- batches ----

struct Operand {
  const Array& array;
  int core;  // so many of its last axes are the kernel's own; the others are the batch's

  int axis(int d, int leading) const { return d - leading + array.ndim() - core; }
  // How far it moves along axis d of the broadcast shape, whose `leading` axes it may lack or have as 1.
  template <class T> Index step(int d, int leading) const {
    return axis(d, leading) < 0 || array.shape(axis(d, leading)) == 1 ? 0 : array.step<T>(axis(d, leading));
  }
};

// The batch's axes by NumPy's rule: how many go to `shape`, or -1 when the operands do not fit.
int broadcast(std::initializer_list<Operand> operands, Py_intptr_t* shape) {
  int leading = 0;
  for (const Operand& o : operands) leading = std::max(leading, o.array.ndim() - o.core);
  std::fill_n(shape, leading, 1);
  for (const Operand& o : operands) {
    for (int d = std::max(0, -o.axis(0, leading)); d < leading; ++d) {
      const Index length = o.array.shape(o.axis(d, leading));
      if (shape[d] == 1) shape[d] = length;
      if (length != 1 && length != shape[d]) return -1;
    }
  }
  return leading;
}

// One more axis to loop over, inside the ones so far; merged with the last one when every operand allows it.
void add_axis(Batch& batch, Index length, std::initializer_list<Index> steps) {
  batch.size *= length;
  if (length == 1) return;
  Index* last = batch.step[std::max(0, batch.ndim - 1)];
  if (batch.ndim && std::equal(steps.begin(), steps.end(), last,
                               [&](Index inner, Index outer) { return outer == length * inner; })) {
    batch.shape[batch.ndim - 1] *= length;
  } else {
    batch.shape[batch.ndim] = length;
    last = batch.step[batch.ndim++];
  }
  std::copy(steps.begin(), steps.end(), last);
}

// ---- the functions ----

template <class Kernel> void run(double work, const Kernel& kernel) {
  if (work < kReleaseGil) return kernel();
  py::gil_scoped_release release;
  kernel();
}

template <class T> const Kernels<T>& kernels() { return active(); }

py::object matmul(py::handle a, py::handle b, py::handle out) {
  return with_floats("matmul", {{"a", a}, {"b", b}}, [&]<class T>(T, const Array(&in)[2]) {
    const Array &x = in[0], &y = in[1];
    const auto misfit = [&](const char* why) {
      fail<py::value_error>("matmul: a has shape ", x, ", b has shape ", y, why);
    };
    if (x.ndim() == 0 || y.ndim() == 0) misfit(": both need at least one axis");
    // A vector on the left is one row, on the right one column; that axis is missing from the result.
    const bool rows = x.ndim() > 1, columns = y.ndim() > 1;
    MatmulArgs<T> args;
    args.m = rows ? x.shape(-2) : 1;
    args.k = x.shape(-1);
    args.n = columns ? y.shape(-1) : 1;
    if (y.shape(columns ? -2 : 0) != args.k)
      misfit(": the last axis of a and the second to last of b differ");
    const Operand left{x, 1 + rows}, right{y, 1 + columns};
    Py_intptr_t shape[kMaxDims + 2];
    const int leading = broadcast({left, right}, shape);
    if (leading < 0) misfit(": the leading axes do not broadcast");
    int ndim = leading;
    if (rows) shape[ndim++] = args.m;
    if (columns) shape[ndim++] = args.n;
    Output<T> output("matmul", out, {shape, ndim}, in);
    const Array& z = output.array;
    args.a = rows ? x.matrix<T>() : View<T>{x.data<T>(), 0, x.step<T>(0)};
    args.b = columns ? y.matrix<T>() : View<T>{y.data<T>(), y.step<T>(0), 0};
    args.c = z.data<T>();
    args.c_row = rows ? z.step<T>(leading) : 0;
    Batch& batch = args.batch;
    for (int d = 0; d < leading; ++d)
      add_axis(batch, shape[d], {left.step<T>(d, leading), right.step<T>(d, leading), z.step<T>(d)});
    if (batch.ndim == 1 && batch.step[0][1] == 0 && batch.step[0][0] == args.m * args.a.row &&
        batch.step[0][2] == args.m * args.c_row) {
      args.m *= batch.size;  // one b for all, and the a's follow each other: one tall product
      batch.ndim = 0;
      batch.size = 1;
    }
    if (batch.size && args.m && args.n)
      run(2.0 * double(batch.size) * double(args.m) * double(args.n) * double(args.k),
          [&] { kernels<T>().matmul(args); });
    return output.finish();
  });
}

template <bool kLogarithm> py::object softmax(py::handle x, py::handle which, py::handle out) {
  constexpr const char* name = kLogarithm ? "log_softmax" : "softmax";
  if (!PyIndex_Check(which.ptr()))
    fail<py::type_error>(name, ": axis must be an integer, not ", Py_TYPE(which.ptr())->tp_name);
  const Index axis =
      PyNumber_AsSsize_t(which.ptr(), nullptr);  // a larger one is cut, and there is no such axis
  return with_floats(name, {{"x", x}}, [&]<class T>(T, const Array(&in)[1]) {
    const Array& a = in[0];
    const int ndim = a.ndim(), along = static_cast<int>(axis < 0 ? axis + ndim : axis);
    if (axis < -ndim || axis >= ndim) {
      std::ostringstream text;
      text << name << ": x has shape " << a;
      const py::object error = py::module_::import("numpy.exceptions").attr("AxisError");
      PyErr_SetObject(error.ptr(), error(which, ndim, text.str()).ptr());
      throw py::error_already_set();
    }
    Output<T> output(name, out, {a.raw->dimensions, ndim}, in, true);
    const Array& y = output.array;
    SoftmaxArgs<T> args;
    args.logarithm = kLogarithm;
    args.n = a.shape(along);
    args.x = a.data<T>();
    args.x_step = a.step<T>(along);
    args.y = y.data<T>();
    args.y_step = y.step<T>(along);
    for (int d = 0; d < ndim; ++d)
      if (d != along) add_axis(args.batch, a.shape(d), {a.step<T>(d), y.step<T>(d)});
    // A result larger than the caches would only push out what is being read. But malloc maps anything above
    // 32 MB anew, and the system has just put zeros, and so the cache lines, where we are about to write.
    const double elements = double(args.n) * double(args.batch.size), bytes = elements * sizeof(T);
    args.stream = bytes >= 8e6 && (!out.is_none() || bytes < 32e6);
    if (elements > 0) run(10 * elements, [&] { kernels<T>().softmax(args); });
    return output.finish();
  });
}

py::object nll_loss(py::handle logits, py::handle ids) {
  return with_floats("nll_loss", {{"logits", logits}}, [&]<class T>(T, const Array(&in)[1]) -> py::object {
    const Array &x = in[0], index = array_of(ids);
    if (x.ndim() != 2 || index.ndim() != 1 || x.shape(0) != index.shape(0))
      fail<py::value_error>("nll_loss: logits has shape ", x, ", ids has shape ", index,
                            "; expected (k, V) and (k,)");
    const Index rows = x.shape(0), n = x.shape(1);
    if (!std::strchr("iu", index.dtype().kind()) && rows > 0)
      fail<py::type_error>("nll_loss: ids has dtype ", index.dtype(), "; expected integers");
    // A copy, so that nobody changes an id between the check and its use.
    const py::array_t<std::int64_t, py::array::forcecast> given(index.owner);
    std::vector<std::int64_t> checked(static_cast<std::size_t>(rows));
    for (Index i = 0; i < rows; ++i) {
      const std::int64_t id = checked[static_cast<std::size_t>(i)] = given.at(i);
      if (id < 0 || id >= n)
        fail<py::index_error>("nll_loss: ids[", i, "] = ", std::string(py::str(index.owner[py::int_(i)])),
                              " is not one of the ", n, " columns of logits");
    }
    const NllArgs<T> args{rows, n, x.matrix<T>(), checked.data()};
    double sum = 0;
    run(10.0 * double(rows) * double(n), [&] { sum = kernels<T>().nll(args); });
    return py::float_(sum);
  });
}

// True or False, Python's or NumPy's.
bool truth(const Named& arg) {
  const py::handle type = py::type::handle_of(arg.value);
  if (!PyBool_Check(arg.value.ptr()) && !type.is(py::dtype::of<bool>().attr("type")))
    fail<py::type_error>("attention: ", arg.name, " must be True or False, not ",
                         Py_TYPE(arg.value.ptr())->tp_name);
  return PyObject_IsTrue(arg.value.ptr());
}

py::object attention(py::handle q, py::handle k, py::handle v, py::handle mask, py::handle causal,
                     py::handle return_weights, py::handle out) {
  const bool only_before = truth({"causal", causal}),
             with_weights = truth({"return_weights", return_weights});
  const Named given[] = {{"q", q}, {"k", k}, {"v", v}};
  return with_floats("attention", given, [&]<class T>(T, const Array(&in)[3]) -> py::object {
    const Array &x = in[0], &y = in[1], &z = in[2];
    const auto misfit = [&](const auto&... why) {
      fail<py::value_error>("attention: q has shape ", x, ", k has shape ", y, ", v has shape ", z, why...);
    };
    if (x.ndim() < 2 || y.ndim() < 2 || z.ndim() < 2)
      misfit("; expected (..., n, d_k), (..., m, d_k) and (..., m, d_v)");
    AttentionArgs<T> args;
    args.n = x.shape(-2);
    args.m = y.shape(-2);
    args.dk = x.shape(-1);
    args.dv = z.shape(-1);
    args.q = x.matrix<T>();
    args.k = y.matrix<T>();
    args.v = z.matrix<T>();
    if (y.shape(-1) != args.dk) misfit(": q and k differ in their last axis");
    if (z.shape(-2) != args.m) misfit(": k and v differ in the number of keys");

    Array may;
    if (!mask.is_none()) {
      may = array_of(mask);
      if (may.dtype().kind() != 'b')
        fail<py::type_error>("attention: mask has dtype ", may.dtype(),
                             "; expected bool, True where a query may attend to a key");
      const auto step = [&](int axis, Index length) -> Index {  // 0 along an axis that it lacks or has as 1
        if (may.ndim() < -axis || may.shape(axis) == 1) return 0;
        if (may.shape(axis) != length)
          fail<py::value_error>("attention: mask has shape ", may, ", the scores have shape (..., ", args.n,
                                ", ", args.m, ")");
        return may.step<std::uint8_t>(axis);
      };
      args.mask = {may.data<std::uint8_t>(), step(-2, args.n), step(-1, args.m)};
    }
    const Operand queries{x, 2}, keys{y, 2}, values{z, 2}, allowed{may, std::min(may.ndim(), 2)};
    Py_intptr_t shape[kMaxDims + 2];
    const int leading = broadcast({queries, keys, values, allowed}, shape);
    if (leading < 0 && may.raw) misfit(", mask has shape ", may, ": the leading axes do not broadcast");
    if (leading < 0) misfit(": the leading axes do not broadcast");
    shape[leading] = args.n;
    shape[leading + 1] = args.dv;
    const Array inputs[] = {x, y, z, may};
    Output<T> output("attention", out, {shape, leading + 2}, inputs);
    const Array& result = output.array;
    shape[leading + 1] = args.m;
    const Array weights = with_weights ? new_array<T>(leading + 2, shape) : Array();

    args.scale = args.dk ? static_cast<T>(1.0 / std::sqrt(static_cast<double>(args.dk))) : T(1);
    args.causal = only_before;
    args.o = result.data<T>();
    args.o_row = result.step<T>(-2);
    args.weights = with_weights ? weights.data<T>() : nullptr;
    for (int d = 0; d < leading; ++d)
      add_axis(args.batch, shape[d],
               {queries.step<T>(d, leading), keys.step<T>(d, leading), values.step<T>(d, leading),
                result.step<T>(d), allowed.step<std::uint8_t>(d, leading)});
    if (args.batch.size && args.n)
      run(2.0 * double(args.batch.size) * double(args.n) * double(args.m) * double(args.dk + args.dv),
          [&] { kernels<T>().attention(args); });
    if (with_weights) return py::make_tuple(output.finish(), weights.owner);
    return output.finish();
  });
}

void set_threads(int n) {
  if (n < 1) fail<py::value_error>("set_num_threads: n is ", n, "; expected 1 or more");
  set_num_threads(n);
}

py::dict cpu_features() {
  py::dict features;
  for (const InstructionSet& set : instruction_sets()) features[set.name] = set.supported();
  return features;
}

// For the tests: runs `loops` parallel loops of `n` tasks each and returns how many tasks did not run exactly
// once.
Index count_lost_tasks(Index loops, Index n) {
  py::gil_scoped_release release;
  Index wrong = 0;
  std::vector<std::atomic<int>> runs(static_cast<std::size_t>(n));
  for (Index loop = 0; loop < loops; ++loop) {
    parallel_for(n,
                 [&](Index i) { runs[static_cast<std::size_t>(i)].fetch_add(1, std::memory_order_relaxed); });
    for (std::atomic<int>& count : runs) wrong += count.exchange(0, std::memory_order_relaxed) != 1;
  }
  return wrong;
}

}  // namespace
}  // namespace genai

PYBIND11_MODULE(_core, m, py::mod_gil_not_used()) {
  using namespace genai;
  using py::arg;
  const py::arg_v axis = arg("axis") = -1, out = arg("out") = py::none(), mask = arg("mask") = py::none();
  m.doc() = "The compiled part of genai_course.kernels.";
  m.attr("__version__") = GENAI_VERSION;
  active();  // choose now: a wrong GENAI_ISA is an ImportError
  m.def("matmul", &genai::matmul, kMatmulDoc, arg("a"), arg("b"), out);
  m.def("softmax", &genai::softmax<false>, kSoftmaxDoc, arg("x"), axis, out);
  m.def("log_softmax", &genai::softmax<true>, kLogSoftmaxDoc, arg("x"), axis, out);
  m.def("nll_loss", &genai::nll_loss, kNllDoc, arg("logits"), arg("ids"));
  m.def("attention", &genai::attention, kAttentionDoc, arg("q"), arg("k"), arg("v"), mask,
        arg("causal") = false, arg("return_weights") = false, out);
  m.def("get_num_threads", &num_threads, kGetThreadsDoc);
  m.def("set_num_threads", &set_threads, kSetThreadsDoc, arg("n"));
  m.def("cpu_features", &cpu_features, kFeaturesDoc);
  m.def("instruction_set", [] { return active().name; }, kInstructionSetDoc);
  m.def("_count_lost_tasks", &count_lost_tasks, arg("loops"), arg("n"));
}
