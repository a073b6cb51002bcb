/* One source for two compilers: NVRTC makes it a GPU's kernel, a C compiler makes it a function to be tested. */

#ifdef __CUDACC__
#define KERNEL extern "C" __global__ void
#define PART static __device__ __noinline__
#define SMALL_PART static __device__ __forceinline__
#define TABLE static __constant__ const
#define RESTRICT __restrict__
#define ROLLED _Pragma("unroll 1")
#define BY_FOUR _Pragma("unroll 4")
#define UNROLLED _Pragma("unroll")
#else
#include <math.h>
#define KERNEL void
#define PART static
#define SMALL_PART static inline
#define TABLE static const
#define RESTRICT restrict
#define ROLLED
#define BY_FOUR
#define UNROLLED
#endif

/* An array of no elements is not C. */
#define LENGTH(n) ((n) > 0 ? (n) : 1)

/* The number of a patient that no other thread has taken. */
SMALL_PART long long take(unsigned long long *waiting)
{
#ifdef __CUDACC__
    return (long long)atomicAdd(waiting, 1ULL);
#else
    return (long long)(*waiting)++;
#endif
}

/* Not fmin and fmax: they would drop a NaN, which has to reach the step test. */
SMALL_PART double larger(double x, double y) { return x < y ? y : x; }

SMALL_PART double smaller(double x, double y) { return y < x ? y : x; }

SMALL_PART int is_finite(double x) { return x - x == 0.0; }
