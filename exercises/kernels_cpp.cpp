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

// YOUR CODE HERE

void matmul(ConstMatrix A, ConstMatrix B, Matrix C) {
    // YOUR CODE HERE
    throw NotDoneYet();
}

void softmax_rows(ConstMatrix X, Matrix Y) {
    // YOUR CODE HERE
    throw NotDoneYet();
}
