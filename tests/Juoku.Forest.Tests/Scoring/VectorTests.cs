using System.Text;
using Juoku.Forest.Scoring;
using Juoku.Learning.LightGbm;

namespace Juoku.Forest.Tests.Scoring;

/// <summary>Scores of stored models and rows equal what LightGBM gave: raw scores to the last bit, predictions but for the last place of exp.</summary>
public sealed class VectorTests
{
    public static TheoryData<string> Cases => [.. SharedVectors.Names];

    public static TheoryData<string, string> CasesOnKernels => KernelUnderTest.Times(SharedVectors.Names);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Definition_StoredModel_GivesTheRawScores(string name)
    {
        VectorCase vector = SharedVectors.Load(name);
        Ensemble ensemble = Juoku.Forest.Reading.ModelReader.Read(vector.Model, name);
        double[] scores = Agreement.Definition(ensemble, vector.Rows);
        if (vector.Raw.Length > 0) Agreement.SameBits(vector.Raw, scores, name);
        OutputTransforms.Apply(ensemble, scores);
        Agreement.Near(vector.Predictions, scores, 1e-15, name);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void LightGbm_StoredModel_GivesTheStoredScores(string name)
    {
        VectorCase vector = SharedVectors.Load(name);
        using var booster = Booster.Parse(Encoding.UTF8.GetString(vector.Model));
        double[] scores = new double[vector.Predictions.Length];
        booster.Predict<double>(vector.Rows, scores, ScoreKind.Raw);
        if (vector.Raw.Length > 0) Agreement.SameBits(vector.Raw, scores, name);
        booster.Predict<double>(vector.Rows, scores);
        Agreement.Near(vector.Predictions, scores, 1e-15, name);
    }

    [Theory]
    [MemberData(nameof(CasesOnKernels))]
    public void ScoreMatrix_StoredModel_GivesTheScores(string name, string kernel)
    {
        VectorCase vector = SharedVectors.Load(name);
        ForestModel model = KernelUnderTest.Parse(vector.Model, kernel);
        double[] scores = new double[vector.Predictions.Length];
        model.ScoreMatrix(vector.Rows, scores, ScoreKind.Raw);
        if (vector.Raw.Length > 0) Agreement.SameBits(vector.Raw, scores, name);
        model.ScoreMatrix(vector.Rows, scores);
        Agreement.Near(vector.Predictions, scores, 1e-15, name);
    }

    [Theory]
    [MemberData(nameof(CasesOnKernels))]
    public void Score_StoredModelAsColumns_GivesTheScores(string name, string kernel)
    {
        VectorCase vector = SharedVectors.Load(name);
        ForestModel model = KernelUnderTest.Parse(vector.Model, kernel);
        double[] scores = new double[vector.Predictions.Length];
        foreach (Column[] columns in new[] { Columns.Doubles(vector.Rows, vector.Features), Columns.Narrowest(vector.Rows, vector.Features) })
        {
            model.Score(columns, scores, ScoreKind.Raw);
            if (vector.Raw.Length > 0) Agreement.SameBits(vector.Raw, scores, name);
            model.Score(columns, scores);
            Agreement.Near(vector.Predictions, scores, 1e-15, name);
        }
    }

    [Theory]
    [MemberData(nameof(CasesOnKernels))]
    public void ScoreRow_StoredModel_GivesTheScores(string name, string kernel)
    {
        VectorCase vector = SharedVectors.Load(name);
        ForestModel model = KernelUnderTest.Parse(vector.Model, kernel);
        if (model.OutputCount > 1) return;
        double[] scores = new double[vector.RowCount];
        for (int i = 0; i < scores.Length; i++) scores[i] = model.ScoreRow(vector.Rows.AsSpan(i * vector.Features, vector.Features), ScoreKind.Raw);
        if (vector.Raw.Length > 0) Agreement.SameBits(vector.Raw, scores, name);
        for (int i = 0; i < scores.Length; i++) scores[i] = model.ScoreRow(vector.Rows.AsSpan(i * vector.Features, vector.Features));
        Agreement.Near(vector.Predictions, scores, 1e-15, name);
    }
}
