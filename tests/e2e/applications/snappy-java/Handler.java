// Compresses and expands: the library comes out of the jar.
package demo;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.xerial.snappy.Snappy;

public final class Handler {
  public Map<String, Object> handle(Map<String, Object> event) throws Exception {
    byte[] text = ((String) event.get("name")).repeat(50).getBytes(StandardCharsets.UTF_8);
    byte[] packed = Snappy.compress(text);
    Map<String, Object> answer = new TreeMap<>();
    answer.put("packed", HexFormat.of().formatHex(packed));
    answer.put("same", Snappy.uncompressString(packed).length() == text.length);
    answer.put("version", Snappy.getNativeLibraryVersion());
    return answer;
  }
}
