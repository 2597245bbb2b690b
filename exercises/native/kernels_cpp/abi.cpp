// C functions around the exercises, for Python to call: exceptions become numbers and texts.

#include "kernels_cpp.hpp"

#include <cstring>
#include <new>
#include <stdexcept>

// An exercise that is missing leaves the other one to be graded.
void matmul(ConstMatrix, ConstMatrix, Matrix) __attribute__((weak));
void softmax_rows(ConstMatrix, Matrix) __attribute__((weak));

namespace {

enum Outcome { fine, wrong_value, not_done, missing, no_memory, another_error };

void tell(char *message, std::size_t size, const char *text) {
    std::strncpy(message, text, size - 1);
    message[size - 1] = '\0';
}

template <class Call> int guarded(bool exists, Call call, char *message, std::size_t size) {
    if (!exists) {
        return missing;
    }
    try {
        call();
        return fine;
    } catch (const NotDoneYet &) {
        return not_done;
    } catch (const std::invalid_argument &error) {
        tell(message, size, error.what());
        return wrong_value;
    } catch (const std::bad_alloc &) {
        return no_memory;
    } catch (const std::exception &error) {
        tell(message, size, error.what());
        return another_error;
    } catch (...) {
        return another_error;
    }
}

} // namespace

extern "C" {

int call_matmul(const ConstMatrix *A, const ConstMatrix *B, const Matrix *C, char *message, std::size_t size) {
    return guarded(matmul != nullptr, [&] { matmul(*A, *B, *C); }, message, size);
}

int call_softmax_rows(const ConstMatrix *X, const Matrix *Y, char *message, std::size_t size) {
    return guarded(softmax_rows != nullptr, [&] { softmax_rows(*X, *Y); }, message, size);
}
}
