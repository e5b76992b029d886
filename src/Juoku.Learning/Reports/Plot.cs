namespace Juoku.Learning.Reports;

/// <summary>A frame with two axes, and things drawn in it by value. Per cent everywhere: what a report plots are shares.</summary>
internal sealed class Plot
{
    private const double Width = 520, Height = 360, Left = 58, Right = 16, Top = 12, Bottom = 46;

    private readonly Svg _svg;
    private readonly Axis _x;
    private readonly Axis _y;

    public Plot(string description, Axis x, Axis y)
    {
        (_x, _y, _svg) = (x, y, new Svg(Width, Height, description));
        foreach (double tick in x.Ticks)
        {
            _svg.Line("grid", X(tick), Top, X(tick), Height - Bottom);
            _svg.Text("tick", X(tick), Height - Bottom + 17, Axis.Percent(tick));
        }

        foreach (double tick in y.Ticks)
        {
            _svg.Line("grid", Left, Y(tick), Width - Right, Y(tick));
            _svg.Text("tick", Left - 8, Y(tick) + 4, Axis.Percent(tick), "end");
        }

        _svg.Line("axis", Left, Height - Bottom, Width - Right, Height - Bottom);
        _svg.Text("axis-title", (Left + Width - Right) / 2, Height - 8, x.Title);
        _svg.Text("axis-title", 13, (Top + Height - Bottom) / 2, y.Title, rotate: -90);
    }

    public void Line(string style, params IEnumerable<(double X, double Y)> points) => _svg.Path(style, points.Select(point => (X(point.X), Y(point.Y))));

    /// <summary>The area between two lines over the same values.</summary>
    public void Band(string style, IReadOnlyList<(double X, double Low, double High)> points) => _svg.Path(
        style, [.. points.Select(point => (X(point.X), Y(point.High))), .. points.Reverse().Select(point => (X(point.X), Y(point.Low)))], closed: true);

    public void Dot(string style, double x, double y, string title) => _svg.Dot(style, X(x), Y(y), 3.6, title);

    public void Whisker(string style, double x, double low, double high) => _svg.Line(style, X(x), Y(low), X(x), Y(high));

    public void Bar(string style, double from, double to, double height, string title) =>
        _svg.Rectangle(style, X(from) + 0.5, Y(height), X(to) - X(from) - 1, Y(0) - Y(height), title);

    /// <summary>Names what lines are, in a corner.</summary>
    public void Legend(bool atBottom, params ReadOnlySpan<(string Style, string Text)> entries)
    {
        double y = atBottom ? Height - Bottom - 14 - 18 * (entries.Length - 1) : Top + 14;
        foreach ((string style, string text) in entries)
        {
            double x = atBottom ? Width - Right - 172 : Left + 14;
            _svg.Line(style, x, y - 4, x + 22, y - 4);
            _svg.Text("legend", x + 29, y, text, "start");
            y += 18;
        }
    }

    public override string ToString() => _svg.ToString();

    private double X(double value) => Left + Math.Clamp(_x.Place(value), 0, 1) * (Width - Left - Right);

    private double Y(double value) => Height - Bottom - Math.Clamp(_y.Place(value), 0, 1) * (Height - Top - Bottom);
}
