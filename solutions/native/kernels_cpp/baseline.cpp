// What speed is measured against: the formulas, loop by loop.

#include "kernels_cpp.hpp"

#include <cmath>

void matmul(ConstMatrix A, ConstMatrix B, Matrix C) {
    for (std::ptrdiff_t i = 0; i < A.rows; ++i) {
        for (std::ptrdiff_t j = 0; j < B.columns; ++j) {
            double sum = 0;
            for (std::ptrdiff_t p = 0; p < A.columns; ++p) {
                sum += A.data[i * A.row_stride + p * A.column_stride] * B.data[p * B.row_stride + j * B.column_stride];
            }
            C.data[i * C.row_stride + j * C.column_stride] = sum;
        }
    }
}

void softmax_rows(ConstMatrix X, Matrix Y) {
    for (std::ptrdiff_t i = 0; i < X.rows; ++i) {
        double maximum = X.data[i * X.row_stride];
        for (std::ptrdiff_t j = 0; j < X.columns; ++j) {
            maximum = std::fmax(maximum, X.data[i * X.row_stride + j * X.column_stride]);
        }
        double sum = 0;
        for (std::ptrdiff_t j = 0; j < X.columns; ++j) {
            sum += std::exp(X.data[i * X.row_stride + j * X.column_stride] - maximum);
        }
        for (std::ptrdiff_t j = 0; j < X.columns; ++j) {
            Y.data[i * Y.row_stride + j * Y.column_stride] =
                std::exp(X.data[i * X.row_stride + j * X.column_stride] - maximum) / sum;
        }
    }
}
