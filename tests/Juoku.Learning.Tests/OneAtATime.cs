using Xunit.Sdk;
using Xunit.v3;

// LightGBM keeps its number of threads for the whole process. A test that sets it (num_threads, --threads) while another one trains changes the
// size of buffers under that one's feet, and the process dies now and then.
[assembly: Parallelization(Mode = ParallelMode.None)]
