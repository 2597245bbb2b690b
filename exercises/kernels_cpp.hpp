// Matrices of doubles that lie in memory which somebody else owns, and the two kernels to write.
//
// Element (i, j) of a matrix M is
//
//     M.data[i * M.row_stride + j * M.column_stride]
//
// Strides are counted in elements. They may be anything: with a row stride of M.columns and a column stride of 1 the
// elements lie one after another, row by row; the other way round, column by column. There may be gaps between them,
// which are not yours to read or write, and a negative stride walks backwards.
#pragma once

#include <cstddef>
#include <exception>

struct ConstMatrix {
    const double *data;
    std::ptrdiff_t rows, columns;
    std::ptrdiff_t row_stride, column_stride;
};

struct Matrix {
    double *data;
    std::ptrdiff_t rows, columns;
    std::ptrdiff_t row_stride, column_stride;
};

// What an exercise throws that has not been written yet.
struct NotDoneYet : std::exception {
    const char *what() const noexcept override { return "not done yet"; }
};

// C = A B, the matrix product. Every element of C is written, whatever was there before; if A has no columns, with 0.
// Infinities and nan are numbers like others: no term is left out.
//
// Throws std::invalid_argument if A.columns is not B.rows, or C is not of the shape (A.rows, B.columns).
void matmul(ConstMatrix A, ConstMatrix B, Matrix C);

// Each row of Y becomes the softmax of that row of X: exp(x_j - m) / s with m = max_j x_j and s = sum_j exp(x_j - m).
// Entries may be of any size (20000, or -20000) and -infinity, but each row has one finite entry at least.
//
// Throws std::invalid_argument if X and Y differ in shape.
void softmax_rows(ConstMatrix X, Matrix Y);
