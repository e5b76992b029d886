namespace Juoku.App.Configuration;

/// <summary>Settings that cannot be used: says which, where they come from, and what to do.</summary>
public sealed class SettingsException(string origin, string problem) : Exception($"{origin}: {problem}");
