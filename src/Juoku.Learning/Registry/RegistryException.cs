namespace Juoku.Learning.Registry;

/// <summary>What lies in a registry, or was offered to it, is not as it must be: says what, where and what to do, in one line.</summary>
/// <param name="where">URL of the object, or name of the model.</param>
/// <param name="problem">What is wrong with it, and what to do.</param>
/// <param name="cause">What the reader said.</param>
public sealed class RegistryException(string where, string problem, Exception? cause = null)
    : Exception($"{where}: {problem.ReplaceLineEndings(" ")}", cause)
{
    /// <summary>What is wrong, without where.</summary>
    public string Problem => problem.ReplaceLineEndings(" ");
}

/// <summary>A model, version or alias that was named and is not there: says what is.</summary>
public sealed class ModelNotFoundException(string message) : Exception(message);
