using System.Globalization;

namespace IppPrinter.Spooling;

/// <summary>Gives each job a number of its own, also over restarts. Its file says that the folder is in use.</summary>
internal sealed class JobNumbers : IDisposable
{
    public const string FileName = ".last-job";

    private readonly FileStream _file;
    private int _last;

    /// <exception cref="InvalidOperationException">Another printer uses the folder.</exception>
    public JobNumbers(string folder)
    {
        try
        {
            _file = new(Path.Combine(folder, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException exception)
        {
            throw new InvalidOperationException($"The spool folder {folder} cannot be used, or another printer uses it (Printer:Spool).", exception);
        }

        Span<byte> number = stackalloc byte[10];
        var count = _file.ReadAtLeast(number, number.Length, throwOnEndOfStream: false);
        _ = int.TryParse(number[..count], NumberStyles.None, CultureInfo.InvariantCulture, out _last);
        _last = Math.Max(_last, FindLast(folder));
    }

    public int TakeNext()
    {
        var number = Interlocked.Increment(ref _last);
        RandomAccess.Write(_file.SafeFileHandle, System.Text.Encoding.ASCII.GetBytes(number.ToString("D10", CultureInfo.InvariantCulture)), 0);
        return number;
    }

    public void Dispose() => _file.Dispose();

    /// <summary>The highest number of a job that has a document there.</summary>
    private static int FindLast(string folder) => Directory.EnumerateFiles(folder)
        .Select(static file => Path.GetFileName(file).Split('-')[0])
        .Select(static number => int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var job) ? job : 0)
        .DefaultIfEmpty()
        .Max();
}
