namespace Juoku.Learning.Generation;

/// <summary>A line of the click log; times in microseconds since 1970.</summary>
/// <param name="Impression">What was clicked; 0 for a spoilt line, which is written as null.</param>
/// <param name="User">Who clicked.</param>
/// <param name="Ad">On which ad.</param>
/// <param name="Time">When.</param>
/// <param name="Arrived">When the log learnt of it: mostly within minutes, at times a day later.</param>
internal readonly record struct Click(long Impression, long User, int Ad, long Time, long Arrived);
