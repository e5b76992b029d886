using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Juoku.Learning.LightGbm;

/// <summary>LightGBM's C API (include/LightGBM/c_api.h), the part that Juoku calls. Each returns 0, or −1 with a reason in <see cref="GetLastError"/>.</summary>
internal static unsafe partial class NativeMethods
{
    private const string Library = LightGbmLibrary.Name;

    [LibraryImport(Library, EntryPoint = "LGBM_GetLastError")]
    public static partial byte* GetLastError();

    [LibraryImport(Library, EntryPoint = "LGBM_RegisterLogCallback")]
    public static partial int RegisterLogCallback(delegate* unmanaged[Cdecl]<byte*, void> callback);

    [LibraryImport(Library, EntryPoint = "LGBM_DumpParamAliases")]
    public static partial int DumpParamAliases(long capacity, out long length, byte* json);

    [LibraryImport(Library, EntryPoint = "LGBM_SetMaxThreads")]
    public static partial int SetMaxThreads(int threads);

    [LibraryImport(Library, EntryPoint = "LGBM_GetMaxThreads")]
    public static partial int GetMaxThreads(out int threads);

    [LibraryImport(Library, EntryPoint = "LGBM_GetSampleCount", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int GetSampleCount(int rows, string parameters, out int count);

    [LibraryImport(Library, EntryPoint = "LGBM_SampleIndices", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SampleIndices(int rows, string parameters, int* indices, out int count);

    [LibraryImport(Library, EntryPoint = "LGBM_DatasetCreateFromSampledColumn", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int DatasetCreateFromSampledColumn(
        double** values, int** indices, int columns, int* counts, int sampleRows, int localRows, long allRows, string parameters, out DatasetHandle dataset);

    [LibraryImport(Library, EntryPoint = "LGBM_DatasetCreateByReference")]
    public static partial int DatasetCreateByReference(DatasetHandle reference, long rows, out DatasetHandle dataset);

    [LibraryImport(Library, EntryPoint = "LGBM_DatasetPushRows")]
    public static partial int DatasetPushRows(DatasetHandle dataset, void* data, ElementType type, int rows, int columns, int start);

    [LibraryImport(Library, EntryPoint = "LGBM_DatasetCreateFromMat", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int DatasetCreateFromMat(
        void* data, ElementType type, int rows, int columns, int isRowMajor, string parameters, nint reference, out DatasetHandle dataset);

    [LibraryImport(Library, EntryPoint = "LGBM_DatasetSetField", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int DatasetSetField(DatasetHandle dataset, string field, void* data, int length, ElementType type);

    [LibraryImport(Library, EntryPoint = "LGBM_DatasetSetFeatureNames", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int DatasetSetFeatureNames(DatasetHandle dataset, string[] names, int count);

    [LibraryImport(Library, EntryPoint = "LGBM_DatasetFree")]
    public static partial int DatasetFree(nint dataset);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterCreate", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int BoosterCreate(DatasetHandle dataset, string parameters, out BoosterHandle booster);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterCreateFromModelfile", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int BoosterCreateFromModelfile(string path, out int iterations, out BoosterHandle booster);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterLoadModelFromString", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int BoosterLoadModelFromString(string model, out int iterations, out BoosterHandle booster);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterFree")]
    public static partial int BoosterFree(nint booster);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterUpdateOneIter")]
    public static partial int BoosterUpdateOneIter(BoosterHandle booster, out int producedEmptyTree);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterAddValidData")]
    public static partial int BoosterAddValidData(BoosterHandle booster, DatasetHandle data);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterMerge")]
    public static partial int BoosterMerge(BoosterHandle booster, BoosterHandle other);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterGetEvalCounts")]
    public static partial int BoosterGetEvalCounts(BoosterHandle booster, out int count);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterGetEvalNames")]
    public static partial int BoosterGetEvalNames(BoosterHandle booster, int count, out int found, nuint capacity, out nuint longest, byte** names);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterGetEval")]
    public static partial int BoosterGetEval(BoosterHandle booster, int data, out int count, double* results);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterFeatureImportance")]
    public static partial int BoosterFeatureImportance(BoosterHandle booster, int iterations, int kind, double* results);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterNumModelPerIteration")]
    public static partial int BoosterNumModelPerIteration(BoosterHandle booster, out int trees);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterGetNumClasses")]
    public static partial int BoosterGetNumClasses(BoosterHandle booster, out int classes);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterGetNumFeature")]
    public static partial int BoosterGetNumFeature(BoosterHandle booster, out int features);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterNumberOfTotalModel")]
    public static partial int BoosterNumberOfTotalModel(BoosterHandle booster, out int trees);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterSaveModel", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int BoosterSaveModel(BoosterHandle booster, int start, int iterations, int importance, string path);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterSaveModelToString")]
    public static partial int BoosterSaveModelToString(
        BoosterHandle booster, int start, int iterations, int importance, long capacity, out long length, byte* text);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterPredictForMat", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int BoosterPredictForMat(
        BoosterHandle booster, void* data, ElementType type, int rows, int columns, int isRowMajor, int kind, int start, int iterations,
        string parameters, out long length, double* scores);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterPredictForMatSingleRowFastInit", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SingleRowFastInit(
        BoosterHandle booster, int kind, int start, int iterations, ElementType type, int columns, string parameters, out RowScorerHandle scorer);

    [LibraryImport(Library, EntryPoint = "LGBM_BoosterPredictForMatSingleRowFast")]
    public static partial int SingleRowFast(RowScorerHandle scorer, void* row, out long length, double* scores);

    [LibraryImport(Library, EntryPoint = "LGBM_FastConfigFree")]
    public static partial int FastConfigFree(nint scorer);
}

/// <summary>LightGBM's <c>C_API_DTYPE_*</c>.</summary>
internal enum ElementType
{
    Float32 = 0,
    Float64 = 1,
}

/// <summary>Owns a native dataset.</summary>
internal sealed class DatasetHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle() => NativeMethods.DatasetFree(handle) == 0;
}

/// <summary>Owns a native booster.</summary>
internal sealed class BoosterHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle() => NativeMethods.BoosterFree(handle) == 0;
}

/// <summary>Owns a prepared single-row prediction, LightGBM's <c>FastConfig</c>.</summary>
internal sealed class RowScorerHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle() => NativeMethods.FastConfigFree(handle) == 0;
}
