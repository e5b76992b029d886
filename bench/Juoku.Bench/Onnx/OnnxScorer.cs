using Microsoft.ML.OnnxRuntime;

namespace Juoku.Bench.Onnx;

/// <summary>Scores rows with ONNX Runtime on one thread.</summary>
internal sealed class OnnxScorer : IDisposable
{
    private readonly InferenceSession _session;
    private readonly int _featureCount;
    private readonly string[] _inputs = [OnnxTreeModel.InputName];
    private readonly string[] _outputs = [OnnxTreeModel.OutputName];
    private readonly RunOptions _options = new();

    public OnnxScorer(byte[] model, int featureCount)
    {
        _featureCount = featureCount;
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
        };
        _session = new InferenceSession(model, options);
    }

    /// <summary>Scores the rows in one run; the memory is used in place.</summary>
    public void Score(Memory<float> rows, Memory<float> scores)
    {
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, rows, [scores.Length, _featureCount]);
        using OrtValue output = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, scores, [scores.Length, 1]);
        _session.Run(_options, _inputs, [input], _outputs, [output]);
    }

    public void Dispose()
    {
        _session.Dispose();
        _options.Dispose();
    }
}
