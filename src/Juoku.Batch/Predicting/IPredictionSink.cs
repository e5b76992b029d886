namespace Juoku.Batch.Predicting;

/// <summary>Where scored batches go, in the order of the input, one call at a time.</summary>
internal interface IPredictionSink
{
    /// <summary>A table begins, or goes on with another input.</summary>
    void Begin(PredictionOutput output);

    /// <summary>Takes a batch, which is used for others afterwards.</summary>
    void Write(ScoredBatch batch);

    /// <summary>A piece of input is done.</summary>
    /// <param name="fileBytes">Bytes of the input that it stood for.</param>
    void EndPiece(long fileBytes);
}
