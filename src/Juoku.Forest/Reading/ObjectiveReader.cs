using System.Text;

namespace Juoku.Forest.Reading;

/// <summary>Reads the objective with the parameters that its output function needs; what is not known is refused by name.</summary>
internal static class ObjectiveReader
{
    public static Objective Read(Field field, int outputs)
    {
        string[] words = field.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0) throw field.Fault("has no value");

        string name = words.Length == 1 ? Canonical(words[0]) : words[0];
        OutputTransform transform = name switch
        {
            "regression" or "regression_l1" or "quantile" or "fair" or "mape" when words.AsSpan(1).Contains("sqrt") => OutputTransform.SignedSquare,
            "regression" or "regression_l1" or "quantile" or "fair" or "mape" or "huber" or "lambdarank" or "rank_xendcg" or "custom" => OutputTransform.Identity,
            "binary" or "multiclassova" or "cross_entropy" => OutputTransform.Sigmoid,
            "multiclass" => OutputTransform.Softmax,
            "poisson" or "gamma" or "tweedie" => OutputTransform.Exp,
            "cross_entropy_lambda" => OutputTransform.LogOnePlusExp,
            _ => throw field.Fault(
                $"is '{Field.Shown(name)}', whose output function is not known", "delete the line objective to score without one, or train with another"),
        };

        double sigmoid = name is "binary" or "multiclassova" ? double.NaN : 1;
        int classes = name is "multiclass" or "multiclassova" ? 0 : 1;
        for (int i = 1; i < words.Length; i++)
        {
            string[] parameter = words[i].Split(':', 2);
            switch (parameter[0])
            {
                case "sigmoid" when name is "binary" or "multiclassova" && parameter.Length == 2:
                    sigmoid = Steepness(parameter[1]);
                    if (!(sigmoid > 0 && double.IsFinite(sigmoid)))
                        throw field.Fault($"has sigmoid '{Field.Shown(parameter[1])}', not a usable number above zero");
                    break;
                case "num_class" when name is "multiclass" or "multiclassova" && parameter.Length == 2:
                    if (!NumberReader.TryInt(Encoding.UTF8.GetBytes(parameter[1]), out classes))
                        throw field.Fault($"has num_class '{Field.Shown(parameter[1])}'");
                    break;
                case "sqrt" when parameter.Length == 1 && TakesSqrt(name):
                    break;
                default:
                    throw field.Fault($"{name} has the parameter '{Field.Shown(words[i])}'", Remedy.Unknown);
            }
        }

        if (double.IsNaN(sigmoid)) throw field.Fault($"{name} lacks its sigmoid parameter");
        if (name != "custom" && classes != outputs)
            throw field.Fault($"{name} is for {classes} outputs, but the model has {outputs} trees an iteration");
        return new Objective(name, transform, sigmoid);
    }

    /// <summary>
    /// LightGBM reads this parameter with a simple reader of its own, which may miss the nearest double by an ulp: whole digits plus
    /// fraction digits / 10^n, then times or divided by 10^e. It writes at most six digits, for which those steps are done here in the same order.
    /// </summary>
    private static double Steepness(string text)
    {
        string[] parts = text.Split('e', 'E');
        string[] digits = parts[0].Split('.');
        if (parts.Length > 2 || digits.Length > 2 || parts[0].Length > 9) return 0;
        double value = Whole(digits[0]);
        if (digits.Length == 2) value += Whole(digits[1]) / Math.Pow(10, digits[1].Length);
        double exponent = parts.Length == 2 ? Whole(parts[1]) : 0;
        if (!(Math.Abs(exponent) <= 22)) return 0;
        return exponent < 0 ? value / Math.Pow(10, -exponent) : value * Math.Pow(10, exponent);
    }

    private static double Whole(string digits) =>
        NumberReader.TryInt(Encoding.UTF8.GetBytes(digits.TrimStart('+')), out int number) ? number : double.NaN;

    // LightGBM reads the word for all of these; huber and the exponential ones drop it.
    private static bool TakesSqrt(string name) =>
        name is "regression" or "regression_l1" or "quantile" or "fair" or "mape" or "huber" or "poisson" or "gamma" or "tweedie";

    // The same aliases as LightGBM, which applies them to an objective without parameters only.
    private static string Canonical(string name) => name switch
    {
        "regression_l2" or "mean_squared_error" or "mse" or "l2" or "l2_root" or "root_mean_squared_error" or "rmse" => "regression",
        "mean_absolute_error" or "l1" or "mae" => "regression_l1",
        "softmax" => "multiclass",
        "multiclass_ova" or "ova" or "ovr" => "multiclassova",
        "xentropy" => "cross_entropy",
        "xentlambda" => "cross_entropy_lambda",
        "mean_absolute_percentage_error" => "mape",
        "xendcg" or "xe_ndcg" or "xe_ndcg_mart" or "xendcg_mart" => "rank_xendcg",
        "none" or "null" or "na" => "custom",
        _ => name,
    };
}
