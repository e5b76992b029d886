namespace Juoku.Learning.Features;

/// <summary>A feature set cannot be built as it is defined, or from the rows there are: says what, where, and what to do, in one line.</summary>
public sealed class FeatureException(string message, Exception? cause = null) : Exception(message.ReplaceLineEndings(" ").Trim(), cause);
