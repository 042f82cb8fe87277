using System.Diagnostics;
using System.Text;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Interop.Cups;

/// <summary>A log file that another program writes. Each line is read once, whoever waits for it.</summary>
internal sealed class GrowingLog(string path) : IDisposable
{
    private readonly FileStream _file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
    private readonly List<string> _lines = [];
    private readonly StringBuilder _rest = new();

    /// <summary>Waits for a line.</summary>
    /// <param name="isIt">Whether a line is the one.</param>
    /// <param name="what">What the lines have in common that are shown if it does not come.</param>
    public async Task<string> FindAsync(Predicate<string> isIt, string what)
    {
        var patience = Stopwatch.StartNew();
        for (var seen = 0; ; await Task.Delay(20))
        {
            lock (_lines)
            {
                Read();
                for (; seen < _lines.Count; seen++)
                {
                    if (isIt(_lines[seen]))
                    {
                        return _lines[seen];
                    }
                }
            }

            Assert.True(patience.Elapsed < RawConnection.Patience, Describe(what));
        }
    }

    /// <summary>The last lines that have a text in them.</summary>
    public string Describe(string what)
    {
        lock (_lines)
        {
            Read();
            return $"{what}: nothing more than\n{string.Join('\n', _lines.Where(line => line.Contains(what, StringComparison.Ordinal)).TakeLast(100))}";
        }
    }

    public void Dispose() => _file.Dispose();

    private void Read()
    {
        var buffer = new byte[16 * 1024];
        int count;
        while ((count = _file.Read(buffer)) > 0)
        {
            var pieces = Encoding.Latin1.GetString(buffer, 0, count).Split('\n');
            for (var i = 0; i < pieces.Length; i++)
            {
                _rest.Append(pieces[i]);
                if (i < pieces.Length - 1)
                {
                    _lines.Add(_rest.ToString());
                    _rest.Clear();
                }
            }
        }
    }
}
