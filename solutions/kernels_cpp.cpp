// Two kernels in C++: the matrix product, and the softmax of each row.
//
// Write the two functions below, and hand in this file under its name, kernels_cpp.cpp. What they promise stands in
// kernels_cpp.hpp: read it first. Compile as you go:
//
//     g++ -std=c++20 -O3 -Wall -Wextra -c kernels_cpp.cpp
//
// and check, in the folder with the exercises:
//
//     autograder check kernels_cpp.cpp
//
// What is graded:
//
// - results, on shapes that are no multiple of anything, and on matrices whose elements do not lie one after another;
// - that no memory is touched but the matrices' elements: the functions run once more under AddressSanitizer and
//   UndefinedBehaviorSanitizer, on memory of exactly the right size;
// - speed, as a multiple of that of three plain nested loops, measured in the same minutes on the same machine.
//
// You may write helper functions, and include whatever the standard library has.
//
// Hints for speed, once it is right:
//
// - Three nested loops have six orders. In which of them does the innermost loop walk along rows of B and C, so that
//   numbers are used that lie side by side?
// - The product does n * n * n multiplications, but there are only 3 * n * n numbers. To copy A and B once into
//   std::vectors, row by row, costs next to nothing, and the compiler can then use instructions for several numbers.
// - A row of B that has just been loaded can be used for four rows of C at a time.
//
// Source: Goto and van de Geijn 2008, Anatomy of High-Performance Matrix Multiplication; Milakov and Gimelshein 2018,
// Online Normalizer Calculation for Softmax.

#include "kernels_cpp.hpp"

// BEGIN SOLUTION
#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

namespace {

// The elements of a matrix one after another, row by row.
std::vector<double> packed(ConstMatrix M) {
    std::vector<double> elements(static_cast<std::size_t>(M.rows * M.columns));
    double *next = elements.data();
    for (std::ptrdiff_t i = 0; i < M.rows; ++i) {
        for (std::ptrdiff_t j = 0; j < M.columns; ++j) {
            *next++ = M.data[i * M.row_stride + j * M.column_stride];
        }
    }
    return elements;
}

// sums[r][j] += a[r][p] * b[p][j] for `count` rows at a time, each row of b being used for all of them.
template <int count>
void add_products(const double *a, const double *b, double *sums, std::ptrdiff_t k, std::ptrdiff_t n) {
    for (std::ptrdiff_t p = 0; p < k; ++p) {
        const double *row = b + p * n;
        for (std::ptrdiff_t j = 0; j < n; ++j) {
            for (int r = 0; r < count; ++r) {
                sums[r * n + j] += a[r * k + p] * row[j];
            }
        }
    }
}

} // namespace
// END SOLUTION

void matmul(ConstMatrix A, ConstMatrix B, Matrix C) {
    // BEGIN SOLUTION
    if (A.columns != B.rows || C.rows != A.rows || C.columns != B.columns) {
        throw std::invalid_argument("the shapes of A, B and C do not fit");
    }
    const std::ptrdiff_t m = A.rows, k = A.columns, n = B.columns;
    const std::vector<double> a = packed(A), b = packed(B);
    std::vector<double> sums(static_cast<std::size_t>(m * n));
    std::ptrdiff_t i = 0;
    for (; i + 4 <= m; i += 4) {
        add_products<4>(a.data() + i * k, b.data(), sums.data() + i * n, k, n);
    }
    for (; i < m; ++i) {
        add_products<1>(a.data() + i * k, b.data(), sums.data() + i * n, k, n);
    }
    for (std::ptrdiff_t row = 0; row < m; ++row) {
        for (std::ptrdiff_t j = 0; j < n; ++j) {
            C.data[row * C.row_stride + j * C.column_stride] = sums[static_cast<std::size_t>(row * n + j)];
        }
    }
    // END SOLUTION
}

void softmax_rows(ConstMatrix X, Matrix Y) {
    // BEGIN SOLUTION
    if (X.rows != Y.rows || X.columns != Y.columns) {
        throw std::invalid_argument("X and Y differ in shape");
    }
    for (std::ptrdiff_t i = 0; i < X.rows; ++i) {
        const double *x = X.data + i * X.row_stride;
        double *y = Y.data + i * Y.row_stride;
        double maximum = -std::numeric_limits<double>::infinity();
        for (std::ptrdiff_t j = 0; j < X.columns; ++j) {
            maximum = std::max(maximum, x[j * X.column_stride]);
        }
        double sum = 0;
        for (std::ptrdiff_t j = 0; j < X.columns; ++j) {
            const double power = std::exp(x[j * X.column_stride] - maximum);
            y[j * Y.column_stride] = power;
            sum += power;
        }
        for (std::ptrdiff_t j = 0; j < X.columns; ++j) {
            y[j * Y.column_stride] /= sum;
        }
    }
    // END SOLUTION
}
