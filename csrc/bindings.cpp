// The Python side: takes any array, checks shapes and types, and hands pointers and strides to the kernels.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <initializer_list>
#include <string>
#include <type_traits>

#include "docs.hpp"
#include "features.hpp"
#include "kernels.hpp"
#include "pool.hpp"

namespace py = pybind11;

namespace genai {
namespace {

using Shape = std::vector<py::ssize_t>;
constexpr double kReleaseGil = 1e5;  // handing over the GIL costs more than this many operations

auto& numpy() { return py::detail::npy_api::get(); }
bool is_array(py::handle h) { return numpy().PyArray_Check_(h.ptr()); }

// The one dtype object of native float32 or float64.
template <class T> PyObject* native() {
  static PyObject* const descr = py::dtype::of<T>().release().ptr();
  return descr;
}

// An array's parts without pybind11's reference counting around each access.
struct Array {
  py::object owner;
  const py::detail::PyArray_Proxy* raw = nullptr;

  Array() = default;
  explicit Array(py::object o) : owner(std::move(o)), raw(py::detail::array_proxy(owner.ptr())) {}
  int ndim() const { return raw->nd; }
  Index shape(int i) const { return raw->dimensions[i]; }
  template <class T> Index step(int i) const { return raw->strides[i] / Index(sizeof(T)); }
  template <class T> T* data() const { return reinterpret_cast<T*>(raw->data); }
  PyObject* dtype() const { return raw->descr; }
  bool aligned() const { return raw->flags & py::detail::npy_api::NPY_ARRAY_ALIGNED_; }
  bool writeable() const { return raw->flags & py::detail::npy_api::NPY_ARRAY_WRITEABLE_; }
  Shape dims() const { return Shape(raw->dimensions, raw->dimensions + raw->nd); }
};

std::string text(const Shape& shape) {
  std::string s = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) s += (i ? ", " : "") + std::to_string(shape[i]);
  return s + (shape.size() == 1 ? ",)" : ")");
}
std::string text(const Array& a) { return text(a.dims()); }

// What the kernels can use as it is: native byte order, aligned, so that strides count whole elements.
template <class T> bool usable(py::handle h) {
  if (!is_array(h)) return false;
  const auto* raw = py::detail::array_proxy(h.ptr());
  return raw->descr == native<T>() && (raw->flags & py::detail::npy_api::NPY_ARRAY_ALIGNED_);
}

struct Named {
  const char* name;
  py::handle value;
};

Array as_array(const char* function, Named arg) {
  PyObject* a = numpy().PyArray_FromAny_(arg.value.ptr(), nullptr, 0, 0, 0, nullptr);
  if (!a) throw py::error_already_set();
  Array array(py::reinterpret_steal<py::object>(a));
  const char kind = py::dtype(py::reinterpret_borrow<py::dtype>(array.dtype())).kind();
  const auto size = py::reinterpret_borrow<py::dtype>(array.dtype()).itemsize();
  if (!(kind == 'b' || kind == 'i' || kind == 'u' || (kind == 'f' && size <= 8)))
    throw py::type_error(std::string(function) + ": " + arg.name + " has dtype " +
                         std::string(py::str(py::handle(array.dtype()))) +
                         "; expected float32 or float64, or bool, integers or float16, which are converted");
  return array;
}

// The operands in a common type as NumPy finds it: float32 if it says float32 or float16, else float64.
// Calls `use` with a T() and the arrays.
template <std::size_t N, class Use>
py::object with_floats(const char* function, const Named (&args)[N], Use&& use) {
  Array arrays[N];
  const auto all = [&](auto usable_as) {
    for (const Named& arg : args)
      if (!usable_as(arg.value)) return false;
    for (std::size_t i = 0; i < N; ++i) arrays[i] = Array(py::reinterpret_borrow<py::object>(args[i].value));
    return true;
  };
  if (all(usable<float>)) return use(float(), arrays);
  if (all(usable<double>)) return use(double(), arrays);
  py::list dtypes;
  for (std::size_t i = 0; i < N; ++i) {
    arrays[i] = as_array(function, args[i]);
    dtypes.append(py::handle(arrays[i].dtype()));
  }
  const py::dtype common = py::module_::import("numpy").attr("result_type")(*dtypes);
  const auto convert = [&](PyObject* descr) {
    for (Array& a : arrays) {
      Py_INCREF(descr);  // FromAny takes it
      constexpr int flags =
          py::detail::npy_api::NPY_ARRAY_ALIGNED_ | py::detail::npy_api::NPY_ARRAY_FORCECAST_;
      PyObject* converted = numpy().PyArray_FromAny_(a.owner.ptr(), descr, 0, 0, flags, nullptr);
      if (!converted) throw py::error_already_set();
      a = Array(py::reinterpret_steal<py::object>(converted));
    }
  };
  if (common.kind() == 'f' && common.itemsize() <= 4) {
    convert(native<float>());
    return use(float(), arrays);
  }
  convert(native<double>());
  return use(double(), arrays);
}

template <class T> Array new_array(int ndim, const Py_intptr_t* shape) {
  Py_INCREF(native<T>());  // NewFromDescr takes it
  PyObject* a = numpy().PyArray_NewFromDescr_(numpy().PyArray_Type_, native<T>(), ndim, shape, nullptr,
                                              nullptr, 0, nullptr);
  if (!a) throw py::error_already_set();
  return Array(py::reinterpret_steal<py::object>(a));
}

// The bytes between an array's first and last element.
struct Extent {
  const char *low, *high;
};
Extent extent(const Array& a) {
  Extent e{a.raw->data, a.raw->data};
  for (int i = 0; i < a.ndim(); ++i) {
    if (a.shape(i) == 0) return {nullptr, nullptr};
    (a.raw->strides[i] < 0 ? e.low : e.high) += (a.shape(i) - 1) * a.raw->strides[i];
  }
  return e;
}
bool may_overlap(const Array& a, const Array& b) {
  const Extent x = extent(a), y = extent(b);
  return x.low && y.low && x.low <= y.high + 7 && y.low <= x.high + 7;
}

// Where a kernel writes: a new array, or `out` itself if the kernel can write there, or else a new array that
// is copied to `out` at the end.
template <class T> class Output {
 public:
  template <std::size_t N>
  Output(const char* function, py::handle out, int ndim, const Py_intptr_t* shape, const Array (&inputs)[N],
         bool same_place_is_fine = false) {
    if (out.is_none()) {
      array = new_array<T>(ndim, shape);
      return;
    }
    const std::string name(function);
    if (!is_array(out))
      throw py::type_error(name + ": out must be an array, not " + Py_TYPE(out.ptr())->tp_name);
    target_ = Array(py::reinterpret_borrow<py::object>(out));
    const Shape wanted(shape, shape + ndim);
    if (target_.dims() != wanted)
      throw py::value_error(name + ": out has shape " + text(target_) + ", the result has shape " +
                            text(wanted));
    if (target_.dtype() != native<T>())
      throw py::type_error(name + ": out has dtype " + std::string(py::str(py::handle(target_.dtype()))) +
                           ", the result has dtype " + std::string(py::str(py::handle(native<T>()))));
    if (!target_.writeable()) throw py::value_error(name + ": out is read-only");
    bool direct = target_.aligned() && (ndim == 0 || target_.shape(ndim - 1) <= 1 ||
                                        target_.step<T>(ndim - 1) == 1 || same_place_is_fine);
    for (const Array& input : inputs) {
      if (!input.raw) continue;
      const bool same = same_place_is_fine && input.raw->data == target_.raw->data && input.ndim() == ndim &&
                        std::equal(input.raw->strides, input.raw->strides + ndim, target_.raw->strides);
      if (!same && may_overlap(input, target_)) direct = false;
    }
    array = direct ? target_ : new_array<T>(ndim, shape);
  }

  py::object finish() {
    if (target_.raw && target_.raw != array.raw &&
        numpy().PyArray_CopyInto_(target_.owner.ptr(), array.owner.ptr()) != 0)
      throw py::error_already_set();
    return target_.raw ? target_.owner : array.owner;
  }

  Array array;

 private:
  Array target_;
};

// One more axis to loop over, inside the ones so far; merged with the last one when every operand allows it.
template <int kOperands> void add_axis(Batch& batch, Index length, const Index (&step)[kOperands]) {
  batch.size *= length;
  if (length == 1) return;
  if (batch.ndim) {
    Index(&outer)[kMaxOperands] = batch.step[batch.ndim - 1];
    bool merge = true;
    for (int i = 0; i < kOperands; ++i) merge = merge && outer[i] == length * step[i];
    if (merge) {
      batch.shape[batch.ndim - 1] *= length;
      for (int i = 0; i < kOperands; ++i) outer[i] = step[i];
      return;
    }
  }
  batch.shape[batch.ndim] = length;
  for (int i = 0; i < kOperands; ++i) batch.step[batch.ndim][i] = step[i];
  ++batch.ndim;
}

// The leading axes of the operands (all but the last `core[i]`), broadcast by NumPy's rule; shape gets `ndim`
// axes. False when they do not fit.
bool broadcast(std::initializer_list<const Array*> arrays, std::initializer_list<int> core,
               Py_intptr_t* shape, int& ndim) {
  ndim = 0;
  auto c = core.begin();
  for (const Array* a : arrays) ndim = std::max(ndim, a->ndim() - *c++);
  for (int d = 0; d < ndim; ++d) {
    shape[d] = 1;
    c = core.begin();
    for (const Array* a : arrays) {
      const int axis = d - ndim + a->ndim() - *c++;
      if (axis < 0 || a->shape(axis) == 1) continue;
      if (shape[d] != 1 && shape[d] != a->shape(axis)) return false;
      shape[d] = a->shape(axis);
    }
  }
  return true;
}

// How far an operand moves along axis d of the broadcast shape, whose `ndim` axes it may lack or have as 1.
template <class T> Index broadcast_step(const Array& a, int core, int d, int ndim) {
  const int axis = d - ndim + a.ndim() - core;
  return axis < 0 || a.shape(axis) == 1 ? 0 : a.step<T>(axis);
}

template <class Run> void run(double work, Run&& kernel) {
  if (work < kReleaseGil) return kernel();
  py::gil_scoped_release release;
  kernel();
}

template <class T> const Kernels<T>& kernels() {
  if constexpr (std::is_same_v<T, float>)
    return active().f32;
  else
    return active().f64;
}

py::object matmul(py::handle a, py::handle b, py::handle out) {
  const Named given[] = {{"a", a}, {"b", b}};
  return with_floats("matmul", given, [&]<class T>(T, const Array(&in)[2]) {
    const Array &x = in[0], &y = in[1];
    const int nx = x.ndim(), ny = y.ndim();
    if (nx == 0 || ny == 0)
      throw py::value_error("matmul: a has shape " + text(x) + ", b has shape " + text(y) +
                            ": both need at least one axis");
    MatmulArgs<T> args;
    // A vector on the left is one row, on the right one column; that axis is missing from the result.
    args.m = nx > 1 ? x.shape(nx - 2) : 1;
    args.k = x.shape(nx - 1);
    args.n = ny > 1 ? y.shape(ny - 1) : 1;
    Py_intptr_t shape[kMaxDims + 2];
    int ndim = 0;
    const bool fits = y.shape(ny > 1 ? ny - 2 : 0) == args.k;
    if (!fits || !broadcast({&x, &y}, {std::min(nx, 2), std::min(ny, 2)}, shape, ndim))
      throw py::value_error("matmul: a has shape " + text(x) + ", b has shape " + text(y) +
                            (fits ? ": the leading axes do not broadcast"
                                  : ": the last axis of a and the second to last of b differ"));
    const int leading = ndim;
    if (nx > 1) shape[ndim++] = args.m;
    if (ny > 1) shape[ndim++] = args.n;
    // A result that is one column may lie anywhere; otherwise its last axis must be the contiguous one.
    Output<T> result("matmul", out, ndim, shape, in);
    const Array& z = result.array;
    args.a = x.data<T>();
    args.a_row = nx > 1 ? x.step<T>(nx - 2) : 0;
    args.a_col = x.step<T>(nx - 1);
    args.b = y.data<T>();
    args.b_row = y.step<T>(ny > 1 ? ny - 2 : 0);
    args.b_col = ny > 1 ? y.step<T>(ny - 1) : 0;
    args.c = z.data<T>();
    args.c_row = nx > 1 ? z.step<T>(leading) : 0;
    for (int d = 0; d < leading; ++d)
      add_axis<3>(args.batch, shape[d],
                  {broadcast_step<T>(x, std::min(nx, 2), d, leading),
                   broadcast_step<T>(y, std::min(ny, 2), d, leading), z.step<T>(d)});
    Batch& batch = args.batch;
    if (batch.ndim == 1 && batch.step[0][1] == 0 && batch.step[0][0] == args.m * args.a_row &&
        batch.step[0][2] ==
            args.m * args.c_row) {  // one b for all, and the a's follow each other: one tall product
      args.m *= batch.size;
      batch.ndim = 0;
      batch.size = 1;
    }
    if (batch.size && args.m && args.n)
      run(2.0 * double(batch.size) * double(args.m) * double(args.n) * double(args.k),
          [&] { kernels<T>().matmul(args); });
    return result.finish();
  });
}

py::object softmax_or_log(const char* name, bool logarithm, py::handle x, Index axis, py::handle out) {
  const Named given[] = {{"x", x}};
  return with_floats(name, given, [&]<class T>(T, const Array(&in)[1]) {
    const Array& a = in[0];
    const int ndim = a.ndim();
    if (axis < -ndim || axis >= ndim) {
      const py::object error = py::module_::import("numpy.exceptions").attr("AxisError");
      PyErr_SetObject(error.ptr(), error(axis, ndim).ptr());
      throw py::error_already_set();
    }
    const int along = static_cast<int>(axis < 0 ? axis + ndim : axis);
    Output<T> result(name, out, ndim, a.raw->dimensions, in, true);
    const Array& y = result.array;
    SoftmaxArgs<T> args;
    args.logarithm = logarithm;
    args.n = a.shape(along);
    args.x = a.data<T>();
    args.x_step = a.step<T>(along);
    args.y = y.data<T>();
    args.y_step = y.step<T>(along);
    for (int d = 0; d < ndim; ++d)
      if (d != along) add_axis<2>(args.batch, a.shape(d), {a.step<T>(d), y.step<T>(d)});
    // A result larger than the caches would only push out what is being read. But malloc maps anything above
    // 32 MB anew, and the system has just put zeros, and so the cache lines, where we are about to write.
    const double bytes = double(args.n) * double(args.batch.size) * sizeof(T);
    args.stream = bytes >= 8e6 && (!out.is_none() || bytes < 32e6);
    if (args.n && args.batch.size)
      run(10.0 * double(args.n) * double(args.batch.size), [&] { kernels<T>().softmax(args); });
    return result.finish();
  });
}

py::object softmax(py::handle x, Index axis, py::handle out) {
  return softmax_or_log("softmax", false, x, axis, out);
}
py::object log_softmax(py::handle x, Index axis, py::handle out) {
  return softmax_or_log("log_softmax", true, x, axis, out);
}

py::object nll_loss(py::handle logits, py::handle ids) {
  const Named given[] = {{"logits", logits}};
  return with_floats("nll_loss", given, [&]<class T>(T, const Array(&in)[1]) {
    const Array& x = in[0];
    const Array index(as_array("nll_loss", {"ids", ids}));
    if (x.ndim() != 2 || index.ndim() != 1 || x.shape(0) != index.shape(0))
      throw py::value_error("nll_loss: logits has shape " + text(x) + ", ids has shape " + text(index) +
                            "; expected (k, V) and (k,)");
    const char kind = py::reinterpret_borrow<py::dtype>(index.dtype()).kind();
    const Index rows = x.shape(0), n = x.shape(1);
    if (kind != 'i' && kind != 'u' && rows > 0)
      throw py::type_error("nll_loss: ids has dtype " + std::string(py::str(py::handle(index.dtype()))) +
                           "; expected integers");
    // A copy, so that nobody changes an id between the check and its use.
    const py::array_t<std::int64_t, py::array::forcecast> source(index.owner);
    std::vector<std::int64_t> checked(static_cast<std::size_t>(rows));
    for (Index i = 0; i < rows; ++i) {
      const std::int64_t id = source.at(i);
      if (id < 0 || id >= n)
        throw py::index_error("nll_loss: ids[" + std::to_string(i) + "] = " + std::to_string(id) +
                              " is not one of the " + std::to_string(n) + " columns of logits");
      checked[static_cast<std::size_t>(i)] = id;
    }
    const NllArgs<T> loss{rows, n, x.data<T>(), x.step<T>(0), x.step<T>(1), checked.data()};
    double sum = 0;
    run(10.0 * double(rows) * double(n), [&] { sum = kernels<T>().nll(loss); });
    return py::object(py::float_(sum));
  });
}

py::object attention(py::handle q, py::handle k, py::handle v, py::handle mask, bool causal,
                     bool return_weights, py::handle out) {
  const Named given[] = {{"q", q}, {"k", k}, {"v", v}};
  return with_floats("attention", given, [&]<class T>(T, const Array(&in)[3]) -> py::object {
    const Array &x = in[0], &y = in[1], &z = in[2];
    const auto shapes = [&] {
      return "attention: q has shape " + text(x) + ", k has shape " + text(y) + ", v has shape " + text(z);
    };
    if (x.ndim() < 2 || y.ndim() < 2 || z.ndim() < 2)
      throw py::value_error(shapes() + "; expected (..., n, d_k), (..., m, d_k) and (..., m, d_v)");
    const int nx = x.ndim(), ny = y.ndim(), nz = z.ndim();
    AttentionArgs<T> args;
    args.n = x.shape(nx - 2);
    args.m = y.shape(ny - 2);
    args.dk = x.shape(nx - 1);
    args.dv = z.shape(nz - 1);
    if (y.shape(ny - 1) != args.dk) throw py::value_error(shapes() + ": q and k differ in their last axis");
    if (z.shape(nz - 2) != args.m) throw py::value_error(shapes() + ": k and v differ in the number of keys");

    Array may;
    int mask_core = 0;
    if (!mask.is_none()) {
      PyObject* a = numpy().PyArray_FromAny_(mask.ptr(), nullptr, 0, 0, 0, nullptr);
      if (!a) throw py::error_already_set();
      may = Array(py::reinterpret_steal<py::object>(a));
      if (py::reinterpret_borrow<py::dtype>(may.dtype()).kind() != 'b')
        throw py::type_error("attention: mask has dtype " + std::string(py::str(py::handle(may.dtype()))) +
                             "; expected bool, True where a query may attend to a key");
      const int nm = may.ndim();
      mask_core = std::min(nm, 2);
      const bool rows_fit = nm < 2 || may.shape(nm - 2) == args.n || may.shape(nm - 2) == 1;
      const bool cols_fit = nm < 1 || may.shape(nm - 1) == args.m || may.shape(nm - 1) == 1;
      if (!rows_fit || !cols_fit)
        throw py::value_error("attention: mask has shape " + text(may) + ", the scores have shape (..., " +
                              std::to_string(args.n) + ", " + std::to_string(args.m) + ")");
    }
    Py_intptr_t shape[kMaxDims + 2];
    int leading = 0;
    const bool fits = may.raw ? broadcast({&x, &y, &z, &may}, {2, 2, 2, mask_core}, shape, leading)
                              : broadcast({&x, &y, &z}, {2, 2, 2}, shape, leading);
    if (!fits)
      throw py::value_error(shapes() + (may.raw ? ", mask has shape " + text(may) : "") +
                            ": the leading axes do not broadcast");
    shape[leading] = args.n;
    shape[leading + 1] = args.dv;
    const Array inputs[] = {x, y, z, may};
    Output<T> output("attention", out, leading + 2, shape, inputs);
    const Array& result = output.array;
    shape[leading + 1] = args.m;
    const Array weights = return_weights ? new_array<T>(leading + 2, shape) : Array();

    args.scale = args.dk ? static_cast<T>(1.0 / std::sqrt(static_cast<double>(args.dk))) : T(1);
    args.causal = causal;
    args.q = x.data<T>();
    args.q_row = x.step<T>(nx - 2);
    args.q_col = x.step<T>(nx - 1);
    args.k = y.data<T>();
    args.k_row = y.step<T>(ny - 2);
    args.k_col = y.step<T>(ny - 1);
    args.v = z.data<T>();
    args.v_row = z.step<T>(nz - 2);
    args.v_col = z.step<T>(nz - 1);
    args.o = result.data<T>();
    args.o_row = result.step<T>(leading);
    args.weights = return_weights ? weights.data<T>() : nullptr;
    args.mask = nullptr;
    args.mask_row = args.mask_col = 0;
    if (may.raw) {
      const int nm = may.ndim();
      args.mask = may.data<const std::uint8_t>();
      if (nm > 1 && may.shape(nm - 2) > 1) args.mask_row = may.step<std::uint8_t>(nm - 2);
      if (nm > 0 && may.shape(nm - 1) > 1) args.mask_col = may.step<std::uint8_t>(nm - 1);
    }
    for (int d = 0; d < leading; ++d)
      add_axis<5>(args.batch, shape[d],
                  {broadcast_step<T>(x, 2, d, leading), broadcast_step<T>(y, 2, d, leading),
                   broadcast_step<T>(z, 2, d, leading), result.step<T>(d),
                   may.raw ? broadcast_step<std::uint8_t>(may, mask_core, d, leading) : 0});
    if (args.batch.size && args.n)
      run(2.0 * double(args.batch.size) * double(args.n) * double(args.m) * double(args.dk + args.dv),
          [&] { kernels<T>().attention(args); });
    const py::object done = output.finish();
    if (return_weights) return py::make_tuple(done, weights.owner);
    return done;
  });
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

py::dict cpu_features() {
  py::dict d;
  for (const auto& [name, supported] : instruction_sets()) d[name.c_str()] = supported;
  return d;
}

}  // namespace
}  // namespace genai

PYBIND11_MODULE(_core, m, py::mod_gil_not_used()) {
  using namespace genai;
  m.doc() = "The compiled part of genai_course.kernels.";
  m.attr("__version__") = GENAI_VERSION;
  active();  // choose now: a wrong GENAI_ISA is an ImportError
  m.def("matmul", &genai::matmul, kMatmulDoc, py::arg("a"), py::arg("b"), py::arg("out") = py::none());
  m.def("softmax", &genai::softmax, kSoftmaxDoc, py::arg("x"), py::arg("axis") = -1,
        py::arg("out") = py::none());
  m.def("log_softmax", &genai::log_softmax, kLogSoftmaxDoc, py::arg("x"), py::arg("axis") = -1,
        py::arg("out") = py::none());
  m.def("nll_loss", &genai::nll_loss, kNllDoc, py::arg("logits"), py::arg("ids"));
  m.def("attention", &genai::attention, kAttentionDoc, py::arg("q"), py::arg("k"), py::arg("v"),
        py::arg("mask") = py::none(), py::arg("causal") = false, py::arg("return_weights") = false,
        py::arg("out") = py::none());
  m.def("get_num_threads", &num_threads, kGetThreadsDoc);
  m.def(
      "set_num_threads",
      [](int n) {
        if (n < 1)
          throw py::value_error("set_num_threads: n is " + std::to_string(n) + "; expected 1 or more");
        set_num_threads(n);
      },
      kSetThreadsDoc, py::arg("n"));
  m.def("cpu_features", &cpu_features, kFeaturesDoc);
  m.def("instruction_set", [] { return active().name; }, kInstructionSetDoc);
  m.def("_count_lost_tasks", &count_lost_tasks, py::arg("loops"), py::arg("n"));
}
